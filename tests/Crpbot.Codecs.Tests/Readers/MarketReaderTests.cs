using System.Text;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Tests.Captures;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Readers;

public class MarketReaderTests
{
    private const string Trades = """
        exchange,symbol,timestamp,local_timestamp,id,side,price,amount
        coinbase,BTC-USD,1700000000000000,1700000000100000,1,buy,100.01,1
        coinbase,ETH-USD,1700000001000000,1700000001100000,x-1,sell,50.5,2
        coinbase,BTC-USD,1700000002000000,1700000002100000,2,buy,oops,1
        coinbase,BTC-USD,1700000003000000,1700000003100000,x-2,buy,100.03,1

        """;

    [Fact]
    public void RangeAndSymbolApplyToEveryForm()
    {
        using var folder = new TemporaryFolder();
        string csv = WriteCsv(folder);
        var from = new UnixNanos(1_700_000_000_100_000_000);
        foreach (bool asCapture in new[] { false, true })
        {
            Assert.Equal([1L, 2], Times(csv, asCapture, ReadRange.All with { From = from + 1 }));
            Assert.Equal([0L], Times(csv, asCapture, new ReadRange(from, from + UnixNanos.PerSecond)));
            Assert.Equal([0L, 2], Times(csv, asCapture, ReadRange.All with { Symbol = "BTC-USD" }));
            Assert.Empty(Times(csv, asCapture, ReadRange.All with { Symbol = "SOL-USD" }));
        }
    }

    [Fact]
    public void ACaptureReadsAsTheFileItWasMadeFrom()
    {
        using var folder = new TemporaryFolder();
        string csv = WriteCsv(folder);
        List<(long, long, string)> fromCsv = Read(csv, asCapture: false, ReadRange.All);
        Assert.Equal(["1", "x-1", "x-2"], fromCsv.Select(e => e.Item3));
        Assert.Equal(fromCsv, Read(csv, asCapture: true, ReadRange.All));
    }

    [Fact]
    public void TheTimersOfACaptureAreLeftOut()
    {
        using var folder = new TemporaryFolder();
        MarketEvent[] events =
        [
            new() { ReceiveTime = new(1), Kind = MarketEventKind.Heartbeat, Flags = MarketEventFlags.LastInMessage },
            new() { ReceiveTime = new(2), Kind = MarketEventKind.Timer, Flags = MarketEventFlags.LastInMessage },
            new() { ReceiveTime = new(3), Kind = MarketEventKind.Heartbeat, Flags = MarketEventFlags.LastInMessage },
        ];
        CaptureFiles.Write(folder.File("timers.capture"), events);
        using var reader = new CaptureMarketReader(folder.File("timers.capture"), EventMaker.Table(), new TextIdTable(), ReadRange.All, new DamageLog(strict: true));
        Assert.Equal([1L, 3], ListReader.ReadAll(reader).Select(e => e.Time));
        Assert.Equal(2, reader.Frames);
    }

    [Fact]
    public void ARefusedRowIsCountedAndNamedAndEndsAStrictReading()
    {
        using var folder = new TemporaryFolder();
        string csv = WriteCsv(folder);
        var damage = new DamageLog(strict: false);
        using (MarketReader reader = Csv(csv, new InstrumentTable(), ReadRange.All, damage))
            Assert.Equal(3, ListReader.ReadAll(reader).Count);
        Assert.Equal(1, damage.Refused);
        Assert.Contains("line 4: price", damage.First[0], StringComparison.Ordinal);
        using MarketReader strict = Csv(csv, new InstrumentTable(), ReadRange.All, new DamageLog(strict: true));
        Assert.Throws<InvalidDataException>(() => ListReader.ReadAll(strict));
    }

    [Fact]
    public void ARecordingIsParsedAsItsVenueSaysAndRewound()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("recording.ndjson");
        File.WriteAllText(path, """
            1700000000000000000 {"type":"subscriptions","channels":[]}
            1700000001000000000 {"type":"match","trade_id":7,"side":"sell","size":"1","price":"100.01","product_id":"BTC-USD","sequence":6,"time":"2023-11-14T22:13:21.000000Z"}
            1700000002000000000 {"type":"match","trade_id":"oops","side":"sell","size":"1","price":"100.01","product_id":"BTC-USD","sequence":6,"time":"2023-11-14T22:13:21.000000Z"}
            1700000003000000000 {"type":"match","trade_id":8,"side":"buy","size":"1","price":"100.01","product_id":"BTC-USD","sequence":6,"time":"2023-11-14T22:13:22.000000Z"}

            """);
        var instruments = new InstrumentTable();
        var damage = new DamageLog(strict: false);
        using var reader = new RecordingMarketReader(path, new CoinbaseParser(instruments), instruments, new TextIdTable(), ReadRange.All, damage);
        for (int pass = 1; pass <= 2; pass++)
        {
            Assert.Equal([7L, 8], ListReader.ReadAll(reader).Select(e => e.Id));
            Assert.Equal((4, pass), (reader.Frames, damage.Refused));
            reader.Rewind();
            Assert.Equal(0, reader.Frames);
        }

        reader.SeekTo(new(1_700_000_003_000_000_000));
        Assert.Equal([8L], ListReader.ReadAll(reader).Select(e => e.Id));
    }

    [Fact]
    public void AChainOpensOnlyThePartsThatASeekCanReach()
    {
        var table = new InstrumentTable();
        Instrument instrument = table.GetOrAdd("coinbase", "BTC-USD");
        var opened = new List<int>();
        (UnixNanos, Func<MarketReader>)[] parts = [.. Enumerable.Range(0, 4).Select(day => (new UnixNanos((day + 1) * 100), new Func<MarketReader>(() =>
        {
            opened.Add(day);
            return new ListReader([.. Enumerable.Range(0, 5).Select(i => ListReader.Trades(day * 100 + i * 10, instrument, day * 10 + i))], table, ReadRange.All);
        })))];
        using var chain = new ChainedMarketReader(parts, table, new TextIdTable(), ReadRange.All, new DamageLog(strict: true));
        List<(long Time, long Id)> all = ListReader.ReadAll(chain);
        Assert.Equal(20, all.Count);
        Assert.Equal((20, 20 * 64), (chain.Frames, chain.Bytes));
        Assert.Equal([0, 1, 2, 3], opened);
        opened.Clear();
        chain.SeekTo(new(215));
        Assert.Equal(all.Where(e => e.Time >= 215), ListReader.ReadAll(chain));
        Assert.Equal([2, 3], opened);
    }

    private static List<long> Times(string csv, bool asCapture, ReadRange range) =>
        [.. Read(csv, asCapture, range).Select(e => ((e.Item1 - 1_700_000_000_100_000_000) / UnixNanos.PerSecond) is 3 ? 2 : (e.Item1 - 1_700_000_000_100_000_000) / UnixNanos.PerSecond)];

    /// <summary>ReceiveTime, price ticks and trade id as text.</summary>
    private static List<(long, long, string)> Read(string csv, bool asCapture, ReadRange range)
    {
        var instruments = new InstrumentTable();
        using MarketReader reader = asCapture
            ? new CaptureMarketReader(Convert(csv), instruments, new TextIdTable(), range, new DamageLog(strict: true))
            : Csv(csv, instruments, range, new DamageLog(strict: false));
        var read = new List<(long, long, string)>();
        while (reader.Read())
        {
            foreach (MarketEvent e in reader.Message.Events)
            {
                string id = (e.Flags & MarketEventFlags.TextId) != 0 ? Encoding.UTF8.GetString(reader.TextIds.Get(e.Sequence)) : $"{e.Sequence}";
                read.Add((e.ReceiveTime.Value, e.Price.Ticks, id));
            }
        }

        return read;
    }

    private static string Convert(string csv)
    {
        var instruments = new InstrumentTable();
        string capture = csv + ".capture";
        using MarketReader reader = Csv(csv, instruments, ReadRange.All, new DamageLog(strict: false));
        using var writer = new CaptureWriter(capture, instruments, CaptureFiles.Header, texts: reader.TextIds);
        while (reader.Read())
            writer.Write(reader.Message.Events);
        writer.Complete();
        return capture;
    }

    private static CsvMarketReader Csv(string path, InstrumentTable instruments, ReadRange range, DamageLog damage) =>
        new(path, new TardisCsvOptions { Type = TardisCsvType.Trades }, instruments, new TextIdTable(), range, damage);

    private static string WriteCsv(TemporaryFolder folder)
    {
        File.WriteAllText(folder.File("trades.csv"), Trades);
        return folder.File("trades.csv");
    }
}
