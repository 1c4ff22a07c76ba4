using Crpbot.Cli;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

public sealed class DataNormalizeTests : IDisposable
{
    private const string Trade =
        "{\"localTimestamp\":\"2019-08-01T00:00:04.1234567Z\",\"message\":{\"type\":\"match\",\"trade_id\":7,\"side\":\"buy\",\"size\":\"0.50\",\"price\":\"4.970\","
        + "\"product_id\":\"A-B\",\"time\":\"2019-08-01T00:00:03.816000Z\"}}\n";

    private const string Normalized =
        "{\"type\":\"trade\",\"symbol\":\"A-B\",\"exchange\":\"coinbase\",\"id\":\"7\",\"price\":4.97,\"amount\":0.5,\"side\":\"sell\","
        + "\"timestamp\":\"2019-08-01T00:00:03.816000Z\",\"localTimestamp\":\"2019-08-01T00:00:04.123456Z\"}\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-").FullName;

    [Fact]
    public async Task MessagesAreWrittenUnderTheResultsName()
    {
        Assert.Equal(ExitCode.Done, await Normalize(Trade + "{\"type\":\"heartbeat\"}\n" + Trade));
        Assert.Equal(Normalized + Normalized, Result());
    }

    [Fact]
    public async Task ARefusedMessageIsLeftOutAndTheRestIsDone()
    {
        Assert.Equal(ExitCode.Done, await Normalize("nonsense\n{\"type\":\"match\"}\n" + Trade));
        Assert.Equal(Normalized, Result());
    }

    [Fact]
    public async Task StrictStopsAtTheFirstRefusedMessageAndLeavesNoResult()
    {
        Assert.Equal(ExitCode.BadInput, await Normalize(Trade + "{\"type\":\"match\"}\n" + Trade, "--strict"));
        Assert.Equal(["in.jsonl"], Directory.EnumerateFiles(_folder).Select(file => Path.GetFileName(file)));
    }

    [Fact]
    public async Task AFileThatIsNoRecordingIsBadInput() => Assert.Equal(ExitCode.BadInput, await Normalize("time,price\n1,2\n"));

    [Fact]
    public async Task AnEmptyFileIsNoError()
    {
        Assert.Equal(ExitCode.Done, await Normalize(""));
        Assert.Equal("", Result());
    }

    [Theory]
    [InlineData(ExitCode.WrongUsage, "data", "normalize")]
    [InlineData(ExitCode.WrongUsage, "data", "normalize", "--venue", "kraken")]
    [InlineData(ExitCode.WrongUsage, "data", "normalize", "--venue", "coinbase", "--wrong")]
    [InlineData(ExitCode.BadInput, "data", "normalize", "--venue", "coinbase", "--in", "/no/such/file")]
    [InlineData(ExitCode.BadInput, "data", "normalize", "--venue", "coinbase", "--in", "/")]
    public async Task WrongUseHasItsExitCode(int expected, params string[] args) => Assert.Equal(expected, await CommandLine.RunAsync(args));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<int> Normalize(string input, params string[] more)
    {
        string path = Path.Combine(_folder, "in.jsonl");
        await File.WriteAllTextAsync(path, input);
        return await CommandLine.RunAsync(["data", "normalize", "--venue", "coinbase", "--in", path, "--out", Path.Combine(_folder, "out.jsonl"), .. more]);
    }

    private string Result() => File.ReadAllText(Path.Combine(_folder, "out.jsonl"));
}
