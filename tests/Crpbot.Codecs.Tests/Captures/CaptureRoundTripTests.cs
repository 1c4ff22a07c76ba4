using System.Runtime.InteropServices;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Captures;

public sealed class CaptureRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 10, 3)]
    [InlineData(3, 1000, 1000)]
    [InlineData(4, 5000, 1024)]
    [InlineData(5, 5000, 1)]
    [InlineData(6, 30_000, 65_536)]
    public void AMarketComesBackFieldForField(int seed, int count, int blockEvents) =>
        AssertRoundTrip(EventMaker.Market(seed, count), blockEvents);

    [Theory]
    [InlineData(11, 1, 65_536)]
    [InlineData(12, 2, 65_536)]
    [InlineData(13, 300, 7)]
    [InlineData(14, 5_000, 600)]
    [InlineData(15, 40_000, 65_536)]
    [InlineData(16, 40_000, 20_000)]
    public void AnyBitsInAnyFieldComeBack(int seed, int count, int blockEvents) =>
        AssertRoundTrip(EventMaker.Hostile(seed, count), blockEvents);

    [Fact]
    public void ACaptureOfNothingIsACapture()
    {
        string path = _folder.File("empty.crp");
        CaptureFiles.Write(path, []);
        Assert.Empty(CaptureFiles.Read(path, out List<CaptureDamage> damage));
        Assert.Empty(damage);
    }

    [Fact]
    public void TheHeaderComesBack()
    {
        string path = _folder.File("header.crp");
        CaptureFiles.Write(path, []);
        using CaptureReader reader = CaptureReader.Open(path, new InstrumentTable());
        Assert.Equal(CaptureFiles.Header, reader.Header);
        Assert.True(reader.IsComplete);
        Assert.True(CaptureFile.IsCapture(path));
    }

    [Fact]
    public void EqualEventsMakeEqualBytes()
    {
        MarketEvent[] events = [.. EventMaker.Market(20, 20_000), .. EventMaker.Hostile(21, 5_000)];
        CaptureFiles.Write(_folder.File("a.crp"), events, 4096);
        CaptureFiles.Write(_folder.File("b.crp"), events, 4096);
        Assert.Equal(File.ReadAllBytes(_folder.File("a.crp")), File.ReadAllBytes(_folder.File("b.crp")));
    }

    [Fact]
    public void InstrumentsAreDefinedInTheFileAndGetTheReadersIds()
    {
        string path = _folder.File("ids.crp");
        MarketEvent[] events = EventMaker.Market(22, 500);
        CaptureFiles.Write(path, events);
        var other = new InstrumentTable();
        other.GetOrAdd("kraken", "XBT/USD");
        List<MarketEvent> read = CaptureFiles.Read(path, out _, other);
        InstrumentTable original = EventMaker.Table();
        for (int i = 0; i < events.Length; i++)
        {
            if (events[i].Instrument == InstrumentId.All)
                Assert.Equal(InstrumentId.All, read[i].Instrument);
            else
                Assert.Equal(original[events[i].Instrument] with { Id = default }, other[read[i].Instrument] with { Id = default });
        }
    }

    [Fact]
    public void AnInstrumentKnownWithOtherIncrementsIsRefusedByName()
    {
        string path = _folder.File("conflict.crp");
        CaptureFiles.Write(path, EventMaker.Market(23, 100));
        var other = new InstrumentTable();
        other.Define("binance", "BTCUSDT", new DecimalStep(1, 1), new DecimalStep(1, 3), assumed: false);
        var refused = Assert.Throws<InvalidDataException>(() => CaptureFiles.Read(path, out _, other));
        Assert.Contains("binance:BTCUSDT", refused.Message, StringComparison.Ordinal);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEventOfAnUnknownInstrumentIsMisuse()
    {
        using var writer = new CaptureWriter(_folder.File("x.crp"), new InstrumentTable(), CaptureFiles.Header);
        Assert.Throws<ArgumentException>(() => writer.Write(new MarketEvent { Instrument = new(1) }));
    }

    [Fact]
    public void TextIdsTravelWithTheirEvents()
    {
        string path = _folder.File("texts.crp");
        var texts = new TextIdTable();
        var events = new List<MarketEvent>();
        for (int i = 0; i < 3000; i++)
        {
            bool isText = i % 3 != 0;
            long number = isText ? texts.Add(System.Text.Encoding.UTF8.GetBytes($"order-{i}")) : i;
            events.Add(new MarketEvent { Kind = MarketEventKind.Trade, Sequence = number, Flags = isText ? MarketEventFlags.TextId : 0 });
        }

        using (var writer = new CaptureWriter(path, new InstrumentTable(), CaptureFiles.Header, new CaptureOptions { BlockEvents = 700 }, texts))
        {
            writer.Write(CollectionsMarshal.AsSpan(events));
            writer.Complete();
        }

        using CaptureReader reader = CaptureReader.Open(path, new InstrumentTable());
        List<MarketEvent> read = CaptureFiles.ReadAll(reader);
        Assert.Empty(reader.Damage);
        for (int i = 0; i < events.Count; i++)
        {
            if (i % 3 == 0)
                Assert.Equal(i, read[i].Sequence);
            else
                Assert.Equal($"order-{i}", System.Text.Encoding.UTF8.GetString(reader.TextIds.Get(read[i].Sequence)));
        }
    }

    [Fact]
    public void WithoutATableTextIdNumbersStayAsTheyAre()
    {
        MarketEvent[] events = [new() { Sequence = long.MaxValue, Flags = MarketEventFlags.TextId }, new() { Sequence = 5, Flags = MarketEventFlags.TextId }];
        AssertRoundTrip(events, 10);
    }

    [Fact]
    public void ResetReadsTheSameAgain()
    {
        string path = _folder.File("again.crp");
        MarketEvent[] events = EventMaker.Market(25, 10_000);
        CaptureFiles.Write(path, events, 3000);
        using CaptureReader reader = CaptureReader.Open(path, EventMaker.Table());
        for (int pass = 0; pass < 3; pass++)
        {
            CaptureFiles.AssertSame(events, CaptureFiles.ReadAll(reader));
            Assert.Equal(events.Length, reader.EventsRead);
            Assert.Equal(4, reader.BlocksRead);
            reader.Reset();
        }
    }

    private void AssertRoundTrip(MarketEvent[] events, int blockEvents)
    {
        string path = _folder.File("trip.crp");
        CaptureFiles.Write(path, events, blockEvents);
        List<MarketEvent> read = CaptureFiles.Read(path, out List<CaptureDamage> damage);
        Assert.Empty(damage);
        CaptureFiles.AssertSame(events, read);
    }
}
