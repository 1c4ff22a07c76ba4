using Xunit;

namespace Crpbot.Pipeline.Tests;

/// <summary>An error is one line on stderr that says what, where and what to do, and an exit code that a script can act on.</summary>
public class ExitCodeTests
{
    [Theory]
    [InlineData(2, "capture", "replay", "--bogus")]
    [InlineData(2, "nonsense")]
    [InlineData(2, "capture")]
    [InlineData(2, "capture", "replay", "x.gz", "--venue", "nowhere")]
    [InlineData(2, "capture", "replay", "x.gz", "--stages", "half")]
    [InlineData(2, "capture", "replay", "x.gz", "--from", "yesterday", "--venue", "coinbase")]
    [InlineData(2, "capture", "replay", "x.gz", "--from", "2024-01-02", "--to", "2024-01-01", "--venue", "coinbase")]
    [InlineData(2, "capture", "record", "x.capture", "--venue", "coinbase", "--url", "ws://127.0.0.1:1", "--from", "2024-01-01", "--to", "2024-01-02")]
    [InlineData(2, "capture", "record", "x.capture", "--venue", "tardis", "--url", "ws://127.0.0.1:1", "--from", "2024-01-01")]
    [InlineData(2, "capture", "record", "x.capture", "--venue", "tardis", "--url", "ws://127.0.0.1:1", "--from", "2024-01-01", "--to", "2024-01-02", "--seconds", "5")]
    [InlineData(2, "capture", "record", "x.capture", "--venue", "tardis", "--url", "ws://127.0.0.1:1", "--from", "2024-01-02", "--to", "2024-01-01")]
    [InlineData(2, "capture", "record", "x.capture", "--venue", "tardis", "--url", "ws://127.0.0.1:1", "--from", "2024-01-01T00:00:30", "--to", "2024-01-02")]
    [InlineData(3, "capture", "replay", "missing.gz", "--venue", "coinbase")]
    [InlineData(3, "capture", "inspect", "missing.capture")]
    [InlineData(3, "data", "convert", "missing.csv", "out.capture", "--csv-type", "trades")]
    public async Task AWrongCallEndsWithItsCodeAndOneLine(int code, params string[] arguments)
    {
        CommandRunner.Outcome outcome = await CommandRunner.Run(arguments);
        Assert.Equal(code, outcome.ExitCode);
        Assert.Single(outcome.Errors.TrimEnd().Split('\n'));
        Assert.StartsWith("crpbot: ", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileOfAnotherFormatIsBadInput()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["no.capture"], "hello");
        Assert.Equal(3, (await CommandRunner.Run("capture", "inspect", folder["no.capture"])).ExitCode);
        File.WriteAllText(folder["no.csv"], "a,b,c\n1,2,3\n");
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", folder["no.csv"], "--csv-type", "trades")).ExitCode);
    }

    [Fact]
    public async Task ARecordingOfAnotherVenueAndAStumpOfACaptureAreBadInput()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["frames.txt"], "1723161253937085768 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\"}}\nnothing\n");
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", folder["frames.txt"], "--venue", "binance")).ExitCode);
        Assert.Equal(3, (await CommandRunner.Run("data", "convert", folder["frames.txt"], folder["x.capture"], "--venue", "binance")).ExitCode);
        File.WriteAllBytes(folder["stump.capture"], [1, 2, 3]);
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", folder["stump.capture"])).ExitCode);
        File.WriteAllText(folder["trades.csv"], "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n");
        Assert.Equal(2, (await CommandRunner.Run("data", "convert", folder["trades.csv"], folder["missing/x.capture"], "--csv-type", "trades")).ExitCode);
    }

    [Fact]
    public async Task ABrokenRowIsNamedAndCountedAndStrictStops()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["trades.csv"], """
            exchange,symbol,timestamp,local_timestamp,id,side,price,amount
            coinbase,BTC-USD,1723161255342000,1723161254087896,1,sell,61837.63,0.02
            coinbase,BTC-USD,1723161255342000,1723161254087897,2,sell,none,0.02
            coinbase,BTC-USD,1723161255342000,1723161254087898,3,buy,61837.64,0.02

            """);
        CommandRunner.Outcome outcome = await CommandRunner.Run("capture", "replay", folder["trades.csv"], "--csv-type", "trades", "--stages", "book", "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("\"refused\": 1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\"trades\": 2", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("line 3", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("price", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", folder["trades.csv"], "--csv-type", "trades", "--strict")).ExitCode);
    }

    /// <summary>How a tardis-machine's answer ends that failed half way: status 200, an object without type, no line feed.</summary>
    [Theory]
    [InlineData("""{"responseText":"{\"code\":401}","message":"HttpError: status code: 401","url":"https://localhost/"}""", "MissingField")]
    [InlineData("""{"message":"Error: unexpected end of file","url":"/replay"}""" + "\n", "MissingField")]
    [InlineData("""{"type":"trade","symbol":"BTC-USD","exchange":"coinbase","id":"8","pri""", "UnterminatedLine")]
    public async Task AnAnswerOfATardisMachineThatBrokeOffIsDamage(string last, string what)
    {
        using var folder = new TemporaryFolder();
        const string Trade = """{"type":"trade","symbol":"BTC-USD","exchange":"coinbase","id":"7","price":100.1,"amount":1e-8,"side":"buy","timestamp":"2021-05-01T00:00:02.900Z","localTimestamp":"2021-05-01T00:00:03.000001Z"}""";
        File.WriteAllText(folder["body.ndjson"], Trade + "\n" + last);
        CommandRunner.Outcome outcome = await CommandRunner.Run("capture", "replay", folder["body.ndjson"], "--venue", "tardis", "--stages", "book", "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("\"refused\": 1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\"trades\": 1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"body.ndjson: line 2: {what}", Assert.Single(outcome.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(3, (await CommandRunner.Run("capture", "replay", folder["body.ndjson"], "--venue", "tardis", "--strict")).ExitCode);
    }

    [Theory]
    [InlineData("capture", "replay", "--help")]
    [InlineData("capture", "record", "--help")]
    [InlineData("capture", "inspect", "--help")]
    [InlineData("capture", "verify", "--help")]
    [InlineData("demo", "--help")]
    [InlineData("latency", "report", "--help")]
    [InlineData("data", "check", "--help")]
    [InlineData("data", "download", "--help")]
    [InlineData("data", "convert", "--help")]
    [InlineData("data", "list", "--help")]
    [InlineData("data", "normalize", "--help")]
    [InlineData("features", "build", "--help")]
    [InlineData("features", "analyze", "--help")]
    public async Task EveryCommandHelpsWithAnExample(params string[] arguments)
    {
        CommandRunner.Outcome outcome = await CommandRunner.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("Example: crpbot ", outcome.Output, StringComparison.Ordinal);
    }
}
