using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Captures;

/// <summary>Makes events: a plausible market, or anything the fields can hold.</summary>
internal static class EventMaker
{
    public static InstrumentTable Table()
    {
        var table = new InstrumentTable();
        table.GetOrAdd("binance", "BTCUSDT");
        table.GetOrAdd("coinbase", "ETH-USD");
        table.GetOrAdd("coinbase", "NOBODY-KNOWS");
        return table;
    }

    /// <summary>Any bits in any field; Instrument stays within the table, TextId unset.</summary>
    public static MarketEvent[] Hostile(int seed, int count)
    {
        var random = new Random(seed);
        var events = new MarketEvent[count];
        long[] edges = [0, 1, -1, long.MinValue, long.MinValue + 1, long.MaxValue, long.MaxValue - 1, 1L << 43, 1L << 44, -(1L << 44), (1L << 44) - 1, -(1L << 43) - 1];
        for (int i = 0; i < count; i++)
        {
            // Often the previous event again, so that runs and repeated headers occur.
            events[i] = i > 0 && random.Next(3) > 0 ? events[i - 1] : default;
            ref MarketEvent e = ref events[i];
            int changes = random.Next(4);
            for (int c = 0; c < changes; c++)
                Change(ref e, random.Next(12));
        }

        return events;

        void Change(ref MarketEvent e, int field)
        {
            switch (field)
            {
                case 0: e.ReceiveTime = new(Any()); break;
                case 1: e.ExchangeTime = new(Any()); break;
                case 2: e.Price = new(Any()); break;
                case 3: e.Quantity = new(Any()); break;
                case 4: e.Sequence = Any(); break;
                case 5: e.Aux = Any(); break;
                case 6: e.Instrument = new(random.Next(4)); break;
                case 7: e.Kind = (MarketEventKind)random.Next(256); break;
                case 8: e.Side = (Side)random.Next(256); break;
                case 9: e.Flags = (MarketEventFlags)random.Next(65536) & ~MarketEventFlags.TextId; break;
                case 10: (e.Channel, e.Scale) = ((Channel)random.Next(256), (byte)random.Next(256)); break;
                default: e.Detail = random.Next(4) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(5); break;
            }
        }

        long Any() => random.Next(4) switch
        {
            0 => edges[random.Next(edges.Length)],
            1 => random.NextInt64(long.MinValue, long.MaxValue),
            2 => random.NextInt64() >> random.Next(63),
            _ => random.Next(10),
        };
    }

    /// <summary>The same few levels again and again, changed a little, sides in turn or one after the other.</summary>
    public static MarketEvent[] Snapshots(int seed, int count)
    {
        var random = new Random(seed);
        var books = new[] { new SortedDictionary<long, long>(), new SortedDictionary<long, long>() };
        var events = new List<MarketEvent>(count + 64);
        long now = 1_723_161_254_206_652_000;
        while (events.Count < count)
        {
            now += random.Next(1, 50_000_000);
            for (int i = 0; i < 3 || books[0].Count < 10 || books[1].Count < 10; i++)
            {
                int side = random.Next(2);
                books[side][(side == 0 ? 900 : 1000) + random.Next(100)] = random.Next(20) == 0 ? 0 : random.Next(1, 100_000);
                if (books[side].Count > 20)
                    books[side].Remove(books[side].Keys.ElementAt(random.Next(20)));
            }

            var e = new MarketEvent { Kind = MarketEventKind.BookClear, ReceiveTime = new(now), ExchangeTime = new(now), Instrument = new(1), Flags = MarketEventFlags.Snapshot };
            events.Add(e);
            e.Kind = MarketEventKind.BookDelta;
            var bids = books[0].Reverse().Select(l => (Side.Buy, l)).ToList();
            var asks = books[1].Select(l => (Side.Sell, l)).ToList();
            var levels = random.Next(2) == 0 ? [.. bids, .. asks] : bids.Zip(asks).SelectMany(p => new[] { p.First, p.Second }).ToList();
            foreach ((Side side, KeyValuePair<long, long> level) in levels)
            {
                (e.Side, e.Price, e.Quantity) = (side, new(level.Key), new(level.Value));
                events.Add(e);
            }

            events[^1] = e with { Flags = e.Flags | MarketEventFlags.LastInMessage };
        }

        return [.. events.Take(count)];
    }

    /// <summary>Messages of a few levels each, trades and quotes between them, a Timer now and then.</summary>
    public static MarketEvent[] Market(int seed, int count)
    {
        var random = new Random(seed);
        var events = new List<MarketEvent>(count + 64);
        long now = 1_723_161_254_206_652_000, price = 6_183_763, id = 3_735_683_259, update = 50_000_000_000;
        while (events.Count < count)
        {
            now += random.Next(1, 50_000_000);
            price += random.Next(-20, 21);
            var instrument = new InstrumentId(1 + random.Next(2));
            var e = new MarketEvent { ReceiveTime = new(now), ExchangeTime = new(now / 1_000_000 * 1_000_000 - 3_000_000), Instrument = instrument };
            switch (random.Next(12))
            {
                case 0 or 1:
                    e.Kind = MarketEventKind.Trade;
                    e.Channel = Channel.Trades;
                    e.Sequence = id++;
                    Add(e, price, random.Next(1, 100_000), random.Next(2) == 0 ? Side.Buy : Side.Sell, last: true);
                    break;
                case 2:
                    e.Kind = MarketEventKind.Quote;
                    e.Channel = Channel.Quotes;
                    e.Sequence = update;
                    Add(e, price, random.Next(1, 5000), Side.Buy, last: false);
                    Add(e, price + 1, random.Next(1, 5000), Side.Sell, last: true);
                    break;
                case 3 when random.Next(20) == 0:
                    e.Kind = MarketEventKind.Timer;
                    e.Instrument = InstrumentId.All;
                    Add(e, 0, 0, Side.Unknown, last: true);
                    break;
                default:
                    e.Kind = MarketEventKind.BookDelta;
                    e.Channel = Channel.Book;
                    (e.Aux, e.Sequence) = (update + 1, update += random.Next(1, 40));
                    int bids = random.Next(0, 10), asks = random.Next(1, 10);
                    long level = price;
                    for (int i = 0; i < bids; i++)
                        Add(e, level -= random.Next(1, 300), random.Next(2) == 0 ? 0 : random.Next(1, 200_000), Side.Buy, last: false);
                    level = price;
                    for (int i = 0; i < asks; i++)
                        Add(e, level += random.Next(1, 300), random.Next(2) == 0 ? 0 : random.Next(1, 200_000), Side.Sell, last: i == asks - 1);
                    break;
            }
        }

        return [.. events.Take(count)];

        void Add(MarketEvent e, long ticks, long lots, Side side, bool last)
        {
            (e.Price, e.Quantity, e.Side) = (new(ticks), new(lots), side);
            e.Flags |= last ? MarketEventFlags.LastInMessage : 0;
            events.Add(e);
        }
    }
}
