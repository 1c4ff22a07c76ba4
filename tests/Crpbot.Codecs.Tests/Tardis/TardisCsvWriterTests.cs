using System.IO.Compression;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;
using CsCheck;
using Xunit;

namespace Crpbot.Codecs.Tests.Tardis;

public class TardisCsvWriterTests
{
    [Fact]
    public void NanosecondsBecomeThreeFractionDigitsAndComeBack()
    {
        var instruments = new InstrumentTable();
        Instrument instrument = instruments.GetOrAdd("binance", "BTCUSDT");
        var trade = new MarketEvent
        {
            Kind = MarketEventKind.Trade,
            Channel = Channel.Trades,
            Instrument = instrument.Id,
            Side = Side.Buy,
            Price = new Price(6_183_700),
            Quantity = new Quantity(12_345),
            Sequence = 9,
            ReceiveTime = new UnixNanos(1723161254087896_007),
            ExchangeTime = new UnixNanos(1723161255342000_000),
            Flags = MarketEventFlags.LastInMessage,
        };
        string csv = CsvEvents.Write([trade], TardisCsvType.Trades, instruments, new TextIdTable());
        Assert.Equal("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbinance,BTCUSDT,1723161255342000,1723161254087896.007,9,buy,61837,0.00012345\n", csv);
        Assert.Equal([trade], CsvEvents.Read(csv, instruments).Events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RandomBooksComeBackTheSame(bool extended) =>
        Gen.Int[0, 1_000_000].Sample(seed =>
        {
            var instruments = new InstrumentTable();
            MarketEvent[] events = RandomBookEvents(new Random(seed), instruments, extended);
            string csv = CsvEvents.Write(events, TardisCsvType.IncrementalBookL2, instruments, new TextIdTable(), extended);
            Assert.Equal(events, CsvEvents.Read(csv, instruments).Events);
        }, iter: 300);

    [Fact]
    public void AnEmptiedBookAndTwoSnapshotsAtOneInstantComeBack()
    {
        var instruments = new InstrumentTable();
        InstrumentId id = instruments.GetOrAdd("x", "S").Id;
        MarketEvent[] events =
        [
            Book(id, 1, MarketEventKind.BookClear, 0, MarketEventFlags.None), Book(id, 1, MarketEventKind.BookDelta, 5, MarketEventFlags.LastInMessage),
            Book(id, 1, MarketEventKind.BookClear, 0, MarketEventFlags.None), Book(id, 1, MarketEventKind.BookDelta, 6, MarketEventFlags.LastInMessage),
            Book(id, 2, MarketEventKind.BookClear, 0, MarketEventFlags.LastInMessage),
            Book(id, 2, MarketEventKind.BookClear, 0, MarketEventFlags.None), Book(id, 2, MarketEventKind.BookDelta, 7, MarketEventFlags.LastInMessage),
        ];
        string csv = CsvEvents.Write(events, TardisCsvType.IncrementalBookL2, instruments, new TextIdTable());
        Assert.Equal(events, CsvEvents.Read(csv, instruments).Events);
    }

    [Fact]
    public void ASnapshotRowHoldsTheBestLevelsSorted()
    {
        var instruments = new InstrumentTable();
        InstrumentId id = instruments.GetOrAdd("x", "S").Id;
        MarketEvent[] events =
        [
            Book(id, 1, MarketEventKind.BookClear, 0, 0),
            .. Enumerable.Range(1, 7).Select(price => Book(id, 1, MarketEventKind.BookDelta, price, 0) with { Side = Side.Buy }),
            Book(id, 1, MarketEventKind.BookDelta, 9, 0) with { Side = Side.Sell },
            Book(id, 1, MarketEventKind.BookDelta, 8, MarketEventFlags.LastInMessage) with { Side = Side.Sell },
        ];
        string row = CsvEvents.Write(events, TardisCsvType.BookSnapshot5, instruments, new TextIdTable()).Split('\n')[1];
        Assert.EndsWith(",8,1,7,1,9,1,6,1,,,5,1,,,4,1,,,3,1", row, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheTypeCannotHoldIsCounted()
    {
        var instruments = new InstrumentTable();
        InstrumentId id = instruments.GetOrAdd("x", "S").Id;
        using var writer = new TardisCsvWriter(new MemoryStream(), TardisCsvType.Trades, instruments, new TextIdTable());
        writer.Write(new MarketEvent { Kind = MarketEventKind.Timer });
        writer.Write(Book(id, 1, MarketEventKind.BookDelta, 5, 0));
        Assert.Equal((0, 2), (writer.Rows, writer.Skipped));
    }

    [Fact]
    public void AFileNamedGzIsCompressed()
    {
        string path = Path.Combine(Path.GetTempPath(), $"crpbot-{Guid.NewGuid():N}.csv.gz");
        try
        {
            TardisCsvWriter.Create(path, TardisCsvType.Trades, new InstrumentTable(), new TextIdTable()).Dispose();
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
            Assert.Equal("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n", reader.ReadToEnd());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void DecimalsAreThoseOfTheInstrument() =>
        Gen.Select(Gen.Long, Gen.Long[1, 1_000], Gen.Int[0, 18]).Sample((steps, mantissa, scale) =>
        {
            var step = new DecimalStep(mantissa, scale);
            var stream = new MemoryStream();
            var row = new CsvRow(stream);
            row.Decimal(steps, step);
            row.End();
            row.Flush();
            Assert.Equal(step.Format(steps) + "\n", Encoding.UTF8.GetString(stream.ToArray()));
        }, iter: 20_000);

    private static MarketEvent Book(InstrumentId id, long micros, MarketEventKind kind, long price, MarketEventFlags flags) => new()
    {
        Kind = kind,
        Channel = Channel.Book,
        Instrument = id,
        ReceiveTime = new UnixNanos(1600000000000000_000 + micros * 1000),
        ExchangeTime = new UnixNanos(1600000000000000_000),
        Side = kind == MarketEventKind.BookClear ? Side.Unknown : Side.Sell,
        Price = new Price(price * 100_000_000),
        Quantity = new Quantity(kind == MarketEventKind.BookClear ? 0 : 100_000_000),
        Flags = flags | MarketEventFlags.Snapshot | MarketEventFlags.NoSequence,
    };

    /// <summary>Messages of two Instruments: snapshots and updates; in the extended form with ids and at equal times too.</summary>
    private static MarketEvent[] RandomBookEvents(Random random, InstrumentTable instruments, bool extended)
    {
        InstrumentId[] ids = [instruments.GetOrAdd("binance", "BTCUSDT").Id, instruments.GetOrAdd("x", "S").Id];
        var events = new List<MarketEvent>();
        var hasSnapshot = new bool[ids.Length];
        long nanos = 1600000000000000_000;
        for (int message = 0; message < 30; message++)
        {
            nanos += random.Next(extended ? 0 : 1, 3) * random.Next(1, 1_000_000);
            int which = random.Next(ids.Length);
            bool snapshot = !hasSnapshot[which] || random.Next(4) == 0;
            hasSnapshot[which] = true;
            int levels = random.Next(snapshot ? 0 : 1, 5);
            long exchangeNanos = nanos - random.Next(1, 1_000_000);
            for (int level = snapshot ? -1 : 0; level < levels; level++)
            {
                events.Add(new MarketEvent
                {
                    Kind = level < 0 ? MarketEventKind.BookClear : MarketEventKind.BookDelta,
                    Channel = Channel.Book,
                    Instrument = ids[which],
                    ReceiveTime = new UnixNanos(nanos),
                    ExchangeTime = new UnixNanos(exchangeNanos),
                    Side = level < 0 ? Side.Unknown : (Side)random.Next(1, 3),
                    Price = new Price(level < 0 ? 0 : random.NextInt64(1, long.MaxValue)),
                    Quantity = new Quantity(level < 0 ? 0 : random.NextInt64(0, 1000)),
                    Sequence = extended ? random.NextInt64() : 0,
                    Aux = extended ? random.NextInt64() : 0,
                    Flags = (snapshot ? MarketEventFlags.Snapshot : 0)
                        | (extended ? 0 : MarketEventFlags.NoSequence)
                        | (level == levels - 1 ? MarketEventFlags.LastInMessage : 0),
                });
            }
        }

        return [.. events];
    }
}
