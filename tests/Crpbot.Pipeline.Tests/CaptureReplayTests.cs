using System.Text.Json;
using Crpbot.Testing;
using SharedData = Crpbot.Testing.MarketData;
using Xunit;

namespace Crpbot.Pipeline.Tests;

/// <summary>Recorded market data in, decisions out: the same ones by every road.</summary>
public class CaptureReplayTests
{
    private const string Futures = "hftbacktest/usdm/btcusdt_20240808.gz";
    private const string Advanced = "cryptofeed/COINBASE.jsonl.gz";
    private const string Exchange = "cryptofeed/COINBASE.ws.28.0.part1.gz";

    [MarketDataFact(Futures)]
    public async Task ABinanceFuturesRecordingEndsWhereItsLastBookTickerDoes()
    {
        JsonElement report = await CommandRunner.RunJson("capture", "replay", SharedData.Path(Futures), "--venue", "binance-futures", "--stages", "book");
        Assert.Equal(0, report.GetProperty("refused").GetInt64());
        Assert.Equal(93_954, report.GetProperty("frames").GetInt64());
        Assert.Equal(0, report.GetProperty("gaps").GetInt64());
        JsonElement instrument = report.GetProperty("instruments").GetProperty("binance-futures:BTCUSDT");
        (string bid, string ask) = LastBookTicker(SharedData.Path(Futures));
        Assert.Equal((decimal.Parse(bid), decimal.Parse(ask)), (decimal.Parse(instrument.GetProperty("bestBid").GetString()!), decimal.Parse(instrument.GetProperty("bestAsk").GetString()!)));
        Assert.DoesNotContain(report.GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains("crossed", StringComparison.Ordinal));
    }

    [MarketDataTheory(Advanced, Exchange)]
    [InlineData(Advanced, "coinbase-advanced")]
    [InlineData(Exchange, "coinbase")]
    public async Task ACoinbaseRecordingReplaysWithoutRefusal(string file, string venue)
    {
        JsonElement report = await CommandRunner.RunJson("capture", "replay", SharedData.Path(file), "--venue", venue, "--stages", "book");
        Assert.Equal(0, report.GetProperty("refused").GetInt64());
        Assert.True(report.GetProperty("bookDeltas").GetInt64() > 10_000);
        Assert.DoesNotContain(report.GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains("crossed", StringComparison.Ordinal));
    }

    [MarketDataFact(Futures)]
    public async Task EveryLayoutEverySpeedAndTheCaptureDecideAlike()
    {
        using var folder = new TemporaryFolder();
        string capture = folder["futures.capture"];
        Assert.Equal(0, (await CommandRunner.Run("data", "convert", SharedData.Path(Futures), capture, "--venue", "binance-futures")).ExitCode);
        var hashes = new List<string>();
        foreach (string layout in new[] { "inline", "split", "full" })
        {
            hashes.Add(Hash(await CommandRunner.RunJson("capture", "replay", SharedData.Path(Futures), "--venue", "binance-futures", "--layout", layout)));
            hashes.Add(Hash(await CommandRunner.RunJson("capture", "replay", capture, "--layout", layout)));
        }

        hashes.Add(Hash(await CommandRunner.RunJson("capture", "replay", capture, "--speed", "200")));
        Assert.Single(hashes.Distinct());
        Assert.NotEqual(Hash(await CommandRunner.RunJson("capture", "replay", capture, "--to", "2024-08-08T23:57:30Z")), hashes[0]);
    }

    [MarketDataFact("hftbacktest/usdm/btcusdt_20230404.dat.gz", "hftbacktest/usdm/btcusdt_20230405.dat.gz")]
    public async Task ABookIsCarriedOverMidnight()
    {
        JsonElement report = await CommandRunner.RunJson("capture", "replay", SharedData.Path("hftbacktest/usdm/btcusdt_20230405.dat.gz"), "--venue", "binance-futures",
            "--stages", "book", "--history", SharedData.Path("hftbacktest/usdm/btcusdt_20230404.dat.gz"));
        Assert.Equal(0, report.GetProperty("dropped").GetInt64());
        Assert.Equal(0, report.GetProperty("gaps").GetInt64());
        Assert.NotNull(report.GetProperty("instruments").GetProperty("binance-futures:BTCUSDT").GetProperty("bestBid").GetString());
    }

    [MarketDataFact(Futures)]
    public async Task RepeatedPassesDecideAlike()
    {
        JsonElement report = await CommandRunner.RunJson("capture", "replay", SharedData.Path(Futures), "--venue", "binance-futures", "--repeat", "3");
        string[] hashes = [.. report.GetProperty("passes").EnumerateArray().Select(pass => pass.GetProperty("decisionHash").GetString()!)];
        Assert.Equal(3, hashes.Length);
        Assert.Single(hashes.Distinct());
        Assert.Equal(4, report.GetProperty("bars").GetInt64());
    }

    [MarketDataFact(Futures)]
    public async Task ACaptureCutAnywhereKeepsItsWholeBlocksAndSaysWhatIsLost()
    {
        using var folder = new TemporaryFolder();
        string capture = folder["whole.capture"];
        await CommandRunner.Run("data", "convert", SharedData.Path(Futures), capture, "--venue", "binance-futures");
        byte[] bytes = File.ReadAllBytes(capture);
        string cut = folder["cut.capture"];
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        JsonElement report = await CommandRunner.RunJson("capture", "replay", cut, "--stages", "book");
        Assert.InRange(report.GetProperty("events").GetInt64(), 100_000, 500_000);
        Assert.Equal(1, (await CommandRunner.Run("capture", "verify", cut)).ExitCode);
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", cut, "--strict")).ExitCode);
        Assert.Equal(0, (await CommandRunner.Run("capture", "verify", capture)).ExitCode);
    }

    private static string Hash(JsonElement report) => report.GetProperty("decisionHash").GetString()!;

    /// <summary>Read as text, so that none of our parsers has a say.</summary>
    private static (string Bid, string Ask) LastBookTicker(string path)
    {
        using var reader = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress));
        string? last = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Contains("@bookTicker", StringComparison.Ordinal))
                last = line;
        }

        JsonElement data = JsonDocument.Parse(last![(last!.IndexOf(' ', StringComparison.Ordinal) + 1)..]).RootElement.GetProperty("data");
        return (data.GetProperty("b").GetString()!, data.GetProperty("a").GetString()!);
    }
}
