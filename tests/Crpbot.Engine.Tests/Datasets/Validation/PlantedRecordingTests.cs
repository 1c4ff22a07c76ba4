using System.Globalization;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using static Crpbot.Engine.Tests.Datasets.Validation.Planted;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public sealed class PlantedRecordingTests : IDisposable
{
    private const string Venue = "binance";
    private readonly Planted _planted = new();

    public void Dispose() => _planted.Dispose();

    [MarketDataTheory(Spot)]
    [InlineData("hftbacktest/spot/btcusdt_20240808.gz", Venue)]
    [InlineData("hftbacktest/usdm/btcusdt_20230404.dat.gz", "binance-futures")]
    [InlineData("collect-binancefutures/btcusdt_20220811.dat.gz", "binance-futures")]
    [InlineData("cryptofeed/COINBASE.jsonl.gz", "coinbase-advanced")]
    [InlineData("cryptofeed/COINBASE.ws.28.0.part1.gz", "coinbase")]
    [InlineData("cryptofeed/BINANCE.jsonl.gz", Venue)]
    [InlineData("cryptofeed/BINANCE-b38f7c.0.gz", Venue)]
    [InlineData("tardis-mapped-captures/coinbase.part1.jsonl.gz", "coinbase")]
    [InlineData("tardis-mapped-captures/binance.jsonl.gz", Venue)]
    public void AnUndamagedRecordingHasNoFault(string file, string venue)
    {
        ValidationReport report = OfRecording(Crpbot.Testing.MarketData.Path(file), venue);

        Assert.Empty(report.Faults());
        Assert.Equal(100, report.Score);
    }

    [MarketDataTheory(Trades, Book)]
    [InlineData("tardis-csv-layout/binance_trades_2024-08-08_ETHUSDT.csv.gz", TardisCsvType.Trades)]
    [InlineData("tardis-csv-layout/binance_incremental_book_L2_2024-08-08_ETHUSDT.csv.gz", TardisCsvType.IncrementalBookL2)]
    [InlineData("tardis-csv-layout/binance_book_ticker_2024-08-08_BTCUSDT.csv.gz", TardisCsvType.BookTicker)]
    [InlineData("tardis-csv-layout/binance_book_snapshot_25_2024-08-08_BTCUSDT.csv.gz", TardisCsvType.BookSnapshot25)]
    [InlineData("nautilus-tardis-csv/bitmex_trades_XBTUSD.csv", TardisCsvType.Trades)]
    [InlineData("nautilus-tardis-csv/deribit_incremental_book_L2_BTC-PERPETUAL.csv", TardisCsvType.IncrementalBookL2)]
    [InlineData("nautilus-tardis-csv/binance-futures_book_snapshot_25_BTCUSDT.csv", TardisCsvType.BookSnapshot25)]
    public void AnUndamagedCsvHasNoFault(string file, TardisCsvType type) => Assert.Empty(OfCsv(Crpbot.Testing.MarketData.Path(file), type).Faults());

    [MarketDataFact(Spot)]
    public void ALostBookUpdateIsAGap()
    {
        List<string> lines = LinesOf(Spot);
        int at = Find(lines, "@depth@", 20_000);
        lines.RemoveAt(at);

        Finding finding = _planted.Raw(Venue, lines).Of(FindingCode.SequenceGap);

        Assert.Equal((1, Find(lines, "@depth@", at) + 1), (finding.Count, finding.FirstLine));
        Assert.Contains("channel Book", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Spot)]
    public void RepeatedMessagesAreDuplicates()
    {
        List<string> lines = LinesOf(Spot);
        int trade = Find(lines, "@trade", 20_000);
        lines.Insert(trade + 1, lines[trade]);
        int update = Find(lines, "@depth@", 25_000);
        lines.Insert(update + 1, lines[update]);

        ValidationReport report = _planted.Raw(Venue, lines);

        Assert.Equal([FindingCode.Duplicate], report.Faults());
        Assert.Equal((2, trade + 2), (report.Of(FindingCode.Duplicate).Count, report.Of(FindingCode.Duplicate).FirstLine));
    }

    [MarketDataFact(Spot)]
    public void ARepeatedIdWithAnotherQuantityIsAConflict()
    {
        List<string> lines = LinesOf(Spot);
        int trade = Find(lines, "@trade", 20_000);
        lines.Insert(trade + 1, System.Text.RegularExpressions.Regex.Replace(lines[trade], "\"q\":\"[^\"]*\"", "\"q\":\"9.00000000\""));

        ValidationReport report = _planted.Raw(Venue, lines);

        Assert.Equal([FindingCode.Conflict], report.Faults());
        Assert.Equal((1, trade + 2), (report.Of(FindingCode.Conflict).Count, report.Of(FindingCode.Conflict).FirstLine));
    }

    [MarketDataTheory(Spot)]
    [InlineData(1, Severity.Error, "inverted")]
    [InlineData(4, Severity.Warning, "doubtful")]
    public void SidesThatDoNotFitTheBookAreFound(int every, Severity severity, string word)
    {
        List<string> lines = LinesOf(Spot);
        int trades = 0;
        for (int i = 0; i < lines.Count; i++)
        {
            if (lines[i].Contains("@trade", StringComparison.Ordinal) && trades++ % every == 0)
                lines[i] = lines[i].Contains("\"m\":true", StringComparison.Ordinal) ? lines[i].Replace("\"m\":true", "\"m\":false", StringComparison.Ordinal) : lines[i].Replace("\"m\":false", "\"m\":true", StringComparison.Ordinal);
        }

        Finding finding = _planted.Raw(Venue, lines).Of(FindingCode.SideInverted);

        Assert.Equal((1, severity), (finding.Count, finding.Severity));
        Assert.Contains(word, finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Spot)]
    public void CutAndCorruptGzipAreToldApart()
    {
        byte[] bytes = File.ReadAllBytes(Crpbot.Testing.MarketData.Path(Spot));
        ValidationReport cut = OfRecording(_planted.Write(bytes[..(bytes.Length * 2 / 3)], "cut.gz"), Venue);
        bytes[bytes.Length / 2] ^= 0xFF;
        ValidationReport corrupt = OfRecording(_planted.Write(bytes, "corrupt.gz"), Venue);

        Assert.Equal(1, cut.Of(FindingCode.Truncated).Count);
        Assert.True(cut.Rows > 100_000 && cut.Score <= 50);
        Assert.Equal(Severity.Error, corrupt.Of(FindingCode.Corrupt).Severity);
        Assert.True(corrupt.Score <= 50);
    }

    [Fact]
    public void ACaptureThatWasCutIsTruncated()
    {
        var instruments = new InstrumentTable();
        Instrument instrument = instruments.GetOrAdd("coinbase", "BTC-USD");
        string path = _planted.Write(Array.Empty<byte>(), "whole.capture");
        using (var writer = new CaptureWriter(path, instruments, new CaptureHeader("test", "test", UnixNanos.None)))
        {
            for (int i = 1; i <= 50_000; i++)
            {
                var time = new UnixNanos(1_700_000_000_000_000_000 + i * UnixNanos.PerMillisecond);
                writer.Write(new MarketEvent
                {
                    ReceiveTime = time, ExchangeTime = time, Instrument = instrument.Id, Kind = MarketEventKind.Trade, Channel = Channel.Trades, Side = Side.Buy,
                    Price = new Price(4_000_000), Quantity = new Quantity(1), Sequence = i, Flags = MarketEventFlags.LastInMessage,
                });
            }

            writer.Complete();
        }

        byte[] bytes = File.ReadAllBytes(path);

        Assert.Empty(OfCapture(path).Faults());
        ValidationReport cut = OfCapture(_planted.Write(bytes[..(bytes.Length * 2 / 3)], "cut.capture"));
        Assert.Contains(FindingCode.Truncated, cut.Faults());
        Assert.DoesNotContain(FindingCode.Corrupt, cut.Faults());
    }

    [MarketDataFact(Trades)]
    public void ACutCsvIsTruncated()
    {
        byte[] bytes = File.ReadAllBytes(Crpbot.Testing.MarketData.Path(Trades));
        Assert.Equal(1, OfCsv(_planted.Write(bytes[..(bytes.Length / 2)], "cut.csv.gz"), TardisCsvType.Trades).Of(FindingCode.Truncated).Count);
        string text = string.Join('\n', LinesOf(Trades));
        string path = _planted.Write(System.Text.Encoding.UTF8.GetBytes(text[..text.LastIndexOf(',')]), "cut.csv");
        Assert.Equal([FindingCode.Truncated], OfCsv(path, TardisCsvType.Trades).Faults());
    }

    [MarketDataFact(Spot)]
    public void ALineThatIsNoMessageIsCorruptAndAnUnreadableMessageABadValue()
    {
        List<string> lines = LinesOf(Spot);
        lines.Insert(1000, "%%% no recording %%%");
        int trade = Find(lines, "@trade", 20_000);
        lines[trade] = lines[trade].Replace("\"p\":\"", "\"p\":\"x", StringComparison.Ordinal);

        ValidationReport report = _planted.Raw(Venue, lines);

        Assert.Equal((1, 1001), (report.Of(FindingCode.Corrupt).Count, report.Of(FindingCode.Corrupt).FirstLine));
        Assert.Equal((1, trade + 1), (report.Of(FindingCode.BadValue).Count, report.Of(FindingCode.BadValue).FirstLine));
    }

    [Fact]
    public void ALostConnectionAndAQuietHeartbeatAreAFeedThatWasDown()
    {
        string At(int second, string json) => string.Create(CultureInfo.InvariantCulture, $"2024-01-01T00:{second / 60:00}:{second % 60:00}.0000000Z {json}");
        string Beat(int second) => At(second, string.Create(CultureInfo.InvariantCulture,
            $$"""{"type":"heartbeat","last_trade_id":1,"product_id":"BTC-USD","sequence":{{second}},"time":"2024-01-01T00:{{second / 60:00}}:{{second % 60:00}}.000000Z"}"""));
        string Match(int second, int id) => At(second, string.Create(CultureInfo.InvariantCulture,
            $$"""{"type":"match","trade_id":{{id}},"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"1","price":"40000.00","product_id":"BTC-USD","sequence":{{id}},"time":"2024-01-01T00:{{second / 60:00}}:{{second % 60:00}}.000000Z"}"""));
        List<string> lines = [.. Enumerable.Range(0, 300).Select(second => second == 150 ? Match(second, 2) : second == 10 ? Match(second, 1) : Beat(second))];
        lines.Insert(290, "");
        lines.RemoveRange(200, 10);

        ValidationReport report = _planted.Raw("coinbase", lines);

        Finding down = report.Of(FindingCode.FeedDown);
        Assert.Equal((2, "2024-01-01T00:03:19.000000000Z"), (down.Count, down.FirstTime.ToString()));
        Assert.Equal([FindingCode.FeedDown], report.Faults());
        Assert.Equal(1, report.Of(FindingCode.NoTrades).Count);
    }

    private static int Find(List<string> lines, string what, int from) => lines.FindIndex(from, line => line.Contains(what, StringComparison.Ordinal));
}
