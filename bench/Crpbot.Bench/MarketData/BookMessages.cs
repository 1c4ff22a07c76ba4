using Crpbot.Messages;

namespace Crpbot.Bench;

/// <summary>Depth messages as Binance's: up to forty levels of both sides in order of price, most of them deep in the book, a third of them removals.</summary>
internal static class BookMessages
{
    public const int Depth = 2_000;

    public static MarketEvent[] Make(InstrumentId instrument, int count)
    {
        var random = new Random(1);
        var events = new List<MarketEvent>(count + 4 * Depth);
        long now = 1_723_161_255_000_000_000, middle = 600_000, update = 5_000_000_000;
        Message(MarketEventFlags.Snapshot, Depth, spread: 1);
        while (events.Count < count)
        {
            now += random.Next(1, 60_000) * 1000L;
            middle += random.Next(-2, 3);
            update += random.Next(1, 500);
            Message(MarketEventFlags.None, random.Next(1, 20), spread: random.Next(1, 60));
        }

        return [.. events.Take(count)];

        void Message(MarketEventFlags flags, int levels, int spread)
        {
            var e = new MarketEvent
            {
                ReceiveTime = new(now),
                ExchangeTime = new(now / 1_000_000 * 1_000_000),
                Instrument = instrument,
                Kind = MarketEventKind.BookClear,
                Channel = Channel.Book,
                Sequence = update,
                Flags = flags,
            };
            if (flags == MarketEventFlags.Snapshot)
                events.Add(e);
            e.Kind = MarketEventKind.BookDelta;
            Levels(e, Side.Buy, -1, levels, spread, last: false);
            Levels(e, Side.Sell, 1, levels, spread, last: true);
        }

        void Levels(MarketEvent e, Side side, int sign, int levels, int spread, bool last)
        {
            long ticks = middle + 3 * sign;
            for (int i = 0; i < levels; i++)
            {
                e.Side = side;
                e.Price = new(ticks += sign * random.Next(1, spread + 1));
                e.Quantity = new(e.IsSnapshot || random.Next(3) > 0 ? 1 + (long)Math.Exp(random.NextDouble() * 10) : 0);
                if (last && i == levels - 1)
                    e.Flags |= MarketEventFlags.LastInMessage;
                events.Add(e);
            }
        }
    }
}
