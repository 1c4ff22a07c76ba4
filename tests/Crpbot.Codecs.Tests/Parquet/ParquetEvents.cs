using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Parquet;

/// <summary>Writes and reads whole files, and makes events that a type can hold.</summary>
internal static class ParquetEvents
{
    public static (long Rows, long Skipped, long Refused) Write(
        string path, TardisCsvType type, Instrument instrument, TextIdTable texts, IEnumerable<MarketEvent> events, int groupRows = ParquetMessageWriter.GroupRows)
    {
        using var writer = new ParquetMessageWriter(path, type, instrument, texts, groupRows: groupRows);
        writer.Write(events.ToArray());
        writer.Close();
        return (writer.Rows, writer.Skipped, writer.Refused);
    }

    public static List<MarketEvent> ReadAll(MarketReader reader)
    {
        var events = new List<MarketEvent>();
        while (reader.Read())
        {
            foreach (ref readonly MarketEvent e in reader.Message.Events)
            {
                if (e.ReceiveTime != reader.Time)
                    Assert.Fail($"a message of {reader.Time} holds an event of {e.ReceiveTime}");
                events.Add(e);
            }
        }

        return events;
    }

    /// <summary>Every byte of every event, except that a text id is compared as text.</summary>
    public static void AssertSame(IReadOnlyList<MarketEvent> expected, TextIdTable expectedTexts, IReadOnlyList<MarketEvent> actual, TextIdTable actualTexts)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            (MarketEvent a, MarketEvent b) = (expected[i], actual[i]);
            if ((a.Flags & b.Flags & MarketEventFlags.TextId) != 0)
            {
                Assert.Equal(expectedTexts.Get(a.Sequence).ToArray(), actualTexts.Get(b.Sequence).ToArray());
                b.Sequence = a.Sequence;
            }

            if (!MemoryMarshal.AsBytes(new[] { a }.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(new[] { b }.AsSpan())))
                Assert.Fail($"event {i} of {expected.Count}: {Tell(a)} became {Tell(b)}");
        }
    }

    /// <summary>Any events of the type and its notices, in messages of one to a few events, with any flags, times and ids that fit.</summary>
    public static MarketEvent[] Random(int seed, TardisCsvType type, int count, TextIdTable texts)
    {
        var random = new Random(seed);
        var events = new List<MarketEvent>();
        long now = 1_709_164_800_000_000_000 + random.Next();
        while (events.Count < count)
        {
            now += random.Next(4) == 0 ? -random.Next(1_000) : random.NextInt64(2_000_000_000);
            MarketEvent e = Stamp(random, now, type, texts);
            int length = random.Next(3) == 0 ? 1 : random.Next(1, 9);
            if (random.Next(12) == 0)
            {
                e.Kind = random.Next(2) == 0 ? MarketEventKind.Gap : MarketEventKind.Disconnect;
                e.Channel = random.Next(2) == 0 ? e.Channel : Channel.All;
                e.Instrument = random.Next(2) == 0 ? e.Instrument : InstrumentId.All;
                e.Flags |= MarketEventFlags.LastInMessage;
                events.Add(e);
                continue;
            }

            for (int i = 0; i < length; i++)
            {
                MarketEvent next = e;
                Fill(ref next, type, random, i);
                if (i == length - 1)
                    next.Flags |= MarketEventFlags.LastInMessage;
                events.Add(next);
            }
        }

        return [.. events];
    }

    private static MarketEvent Stamp(Random random, long now, TardisCsvType type, TextIdTable texts)
    {
        var e = new MarketEvent
        {
            ReceiveTime = new(now),
            ExchangeTime = new(random.Next(5) == 0 ? now : now - random.NextInt64(-5_000_000, 90_000_000)),
            Instrument = new(1),
            Channel = type switch
            {
                TardisCsvType.Trades => Channel.Trades,
                TardisCsvType.Liquidations => Channel.Liquidations,
                TardisCsvType.Quotes or TardisCsvType.BookTicker => Channel.Quotes,
                TardisCsvType.DerivativeTicker => Channel.Derivative,
                _ => Channel.Book,
            },
            Aux = random.Next(2) == 0 ? 0 : random.NextInt64(),
            Flags = (MarketEventFlags)random.Next(256) & ~(MarketEventFlags.LastInMessage | MarketEventFlags.TextId),
            Sequence = random.Next(3) == 0 ? 0 : random.NextInt64(),
        };
        if (e.Flags.HasFlag(MarketEventFlags.NoExchangeTime) && random.Next(2) == 0)
            e.ExchangeTime = e.ReceiveTime;
        if (random.Next(4) == 0)
        {
            e.Flags |= MarketEventFlags.TextId;
            e.Sequence = texts.Add(System.Text.Encoding.UTF8.GetBytes(random.Next(8) == 0 ? "" : $"id-{random.Next()}-ž"));
        }

        e.Flags = type == TardisCsvType.Quotes ? e.Flags | MarketEventFlags.Derived : type == TardisCsvType.BookTicker ? e.Flags & ~MarketEventFlags.Derived : e.Flags;
        return e;
    }

    private static void Fill(ref MarketEvent e, TardisCsvType type, Random random, int i)
    {
        e.Price = new(Any(random));
        e.Quantity = new(Any(random));
        e.Side = (Side)random.Next(3);
        switch (type)
        {
            case TardisCsvType.Trades:
                e.Kind = MarketEventKind.Trade;
                break;
            case TardisCsvType.Liquidations:
                e.Kind = MarketEventKind.Liquidation;
                break;
            case TardisCsvType.Quotes or TardisCsvType.BookTicker:
                e.Kind = MarketEventKind.Quote;
                e.Side = random.Next(4) == 0 ? (Side)random.Next(1, 3) : (Side)(1 + i % 2);
                break;
            case TardisCsvType.DerivativeTicker:
                e.Kind = MarketEventKind.DerivativeTicker;
                (e.Quantity, e.Side, e.Detail) = (default, Side.Unknown, random.Next(1, 8));
                e.Price = new(random.Next(3) == 0 ? random.NextInt64() : Any(random));
                e.Scale = e.Detail == (int)DerivativeField.FundingTimestamp ? (byte)0 : (byte)random.Next(19);
                break;
            default:
                e.Kind = i == 0 && random.Next(3) == 0 ? MarketEventKind.BookClear : MarketEventKind.BookDelta;
                if (type != TardisCsvType.IncrementalBookL2)
                    e.Flags |= MarketEventFlags.Snapshot;
                if (e.Kind == MarketEventKind.BookClear && random.Next(2) == 0)
                    (e.Price, e.Quantity, e.Side) = (default, default, Side.Unknown);
                break;
        }
    }

    private static long Any(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => random.NextInt64(-9_999_999_999, 10_000_000_000),
        2 => 9_999_999_999,
        _ => random.NextInt64(1, 10_000_000),
    };

    private static string Tell(in MarketEvent e) =>
        $"{e.Kind} {e.ReceiveTime} {e.ExchangeTime} {e.Price} {e.Quantity} {e.Side} seq {e.Sequence} aux {e.Aux} {e.Instrument} [{e.Flags}] {e.Channel} {e.Scale} {e.Detail}";
}
