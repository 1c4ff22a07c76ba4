using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Crpbot.Pipeline.Tests;

/// <summary>The README's main command, and what it leaves behind.</summary>
public partial class DemoTests
{
    [Fact]
    public async Task TheDemoTradesAndItsRecordingDecidesAlikeInEveryLayout()
    {
        using var folder = new TemporaryFolder();
        CommandRunner.Outcome demo = await CommandRunner.Run("demo", "--seconds", "8", "--speed", "200", "--seed", "3", "--out", folder["demo"]);
        Assert.Equal("", demo.Errors);
        Assert.Equal(0, demo.ExitCode);
        string hash = Decisions().Match(demo.Output).Groups[1].Value;
        Assert.Contains(", exact", demo.Output, StringComparison.Ordinal);
        Assert.Contains("bar_close_to_order", demo.Output, StringComparison.Ordinal);

        string live = Path.Combine(folder["demo"], "live.capture");
        string[] replay = ["capture", "replay", live, "--history", Path.Combine(folder["demo"], "history.capture"), "--model", "sim-lstm-53"];
        foreach (string layout in new[] { "inline", "split", "full" })
        {
            JsonElement report = await CommandRunner.RunJson([.. replay, "--layout", layout, "--repeat", "2"]);
            Assert.Equal(hash, report.GetProperty("decisionHash").GetString());
            Assert.True(report.GetProperty("predictions").GetInt64() > 20, report.GetRawText());
            Assert.True(report.GetProperty("signals").GetInt64() > 0, report.GetRawText());
            Assert.True(report.GetProperty("orders").GetInt64() > 0, report.GetRawText());
            Assert.True(report.GetProperty("fills").GetInt64() > 0, report.GetRawText());
            Assert.Equal(0, report.GetProperty("refused").GetInt64());
            JsonElement last = report.GetProperty("passes")[1];
            Assert.Equal(0, last.GetProperty("allocatedBytes").GetInt64());
            Assert.Equal(0, last.GetProperty("gen0").GetInt32());
        }

        Assert.Equal(0, (await CommandRunner.Run("capture", "verify", live)).ExitCode);
        JsonElement latency = await CommandRunner.RunJson("latency", "report", Path.Combine(folder["demo"], "latency.hlog"));
        Assert.True(latency.GetProperty("wire_to_decision").GetProperty("count").GetInt64() > 1000);
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(folder["demo"], "latency.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModelWithOneNameChangedIsRefused()
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(AppContext.BaseDirectory, "models", "sim-lstm-53", "1");
        Directory.CreateDirectory(folder["model"]);
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        string manifest = Path.Combine(folder["model"], "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"price_sma_7_ratio\"", "\"price_sma_9_ratio\"", StringComparison.Ordinal));
        CommandRunner.Outcome outcome = await CommandRunner.Run("demo", "--seconds", "1", "--out", folder["demo"], "--model", folder["model"]);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Single(outcome.Errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--seconds", "0")]
    [InlineData("--speed", "-1")]
    [InlineData("--model", "no-such-model")]
    public async Task AWrongFlagIsWrongUsage(string flag, string value)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, (await CommandRunner.Run("demo", flag, value, "--out", folder["demo"])).ExitCode);
    }

    [GeneratedRegex("^decisions ([0-9a-f]{16})", RegexOptions.Multiline)]
    private static partial Regex Decisions();
}
