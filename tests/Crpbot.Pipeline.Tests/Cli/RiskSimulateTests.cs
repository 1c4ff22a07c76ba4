using System.IO.Compression;
using System.Text.Json;
using Crpbot.Cli;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

public sealed class RiskSimulateTests : IDisposable
{
    private const string BreachAtReset = "time,balance,equity\n2026-03-28T10:00:00Z,104000,104000\n2026-03-28T22:59:59Z,104000,98000\n2026-03-28T23:00:00Z,104000,98000\n";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task ABreachAtTheResetIsToldWithItsFloorAndTheDays()
    {
        await File.WriteAllTextAsync(_folder["account.csv"], BreachAtReset);
        CommandRunner.Outcome outcome = await CommandRunner.Run("risk", "simulate", "--rules", "ftmo-2step", "--initial", "100000", _folder["account.csv"], "--json");
        Assert.Equal((ExitCode.Refused, ""), (outcome.ExitCode, outcome.Errors));
        JsonElement answer = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(answer.GetProperty("breached").GetBoolean());
        Assert.Equal("daily", answer.GetProperty("kind").GetString());
        Assert.Equal("2026-03-28T23:00:00Z", answer.GetProperty("time").GetString());
        Assert.Equal(99_000m, answer.GetProperty("floor").GetDecimal());
        Assert.Equal(98_000m, answer.GetProperty("equity").GetDecimal());
        Assert.Equal(["2026-03-28", "2026-03-29"], answer.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("date").GetString()!));
        Assert.Equal([95_000m, 99_000m], answer.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("dailyFloor").GetDecimal()));
        Assert.Equal([90_000m, 90_000m], answer.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("totalFloor").GetDecimal()));
    }

    [Fact]
    public async Task AnAccountThatKeepsTheLimitsEndsWith0AndNulls()
    {
        await File.WriteAllTextAsync(_folder["account.csv"], "time,balance,equity\n2026-01-12T10:00:00Z,100000,95000\n");
        JsonElement answer = await CommandRunner.RunJson("risk", "simulate", _folder["account.csv"], "--rules", "ftmo-2step", "--initial", "100000");
        Assert.False(answer.GetProperty("breached").GetBoolean());
        foreach (string name in (string[])["kind", "time", "floor", "equity"])
            Assert.Equal(JsonValueKind.Null, answer.GetProperty(name).ValueKind);
        CommandRunner.Outcome text = await CommandRunner.Run("risk", "simulate", _folder["account.csv"], "--rules", "ftmo-2step", "--initial", "100000");
        Assert.Contains("2026-01-12        1           100000            95000            90000            95000           100000\n", text.Output, StringComparison.Ordinal);
        Assert.Contains("not breached", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ColumnsComeInAnyOrderAndCaseAndTimesWithAnyOffset()
    {
        const string Text = "\uFEFFEquity,note,TIME,Balance\r\n104000,\"a, b\",2026-03-28T11:00:00+01:00,1.04e5\r\n\r\n98000,,2026-03-28 22:59:59,104000.00\r\n98000,,2026-03-29T00:00:00.000+01:00,104000";
        await using (var gzip = new GZipStream(File.Create(_folder["account.csv.gz"]), CompressionLevel.Fastest))
            await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Text));
        await File.WriteAllTextAsync(_folder["plain.csv"], BreachAtReset);
        CommandRunner.Outcome odd = await CommandRunner.Run("risk", "simulate", _folder["account.csv.gz"], "--rules", "ftmo-1step", "--initial", "1e5", "--json");
        CommandRunner.Outcome plain = await CommandRunner.Run("risk", "simulate", _folder["plain.csv"], "--rules", "ftmo-1step", "--initial", "100000", "--json");
        Assert.Equal((ExitCode.Refused, "", plain.Output), (odd.ExitCode, odd.Errors, odd.Output));
    }

    [Fact]
    public async Task ThePageShowsTheCurveTheFloorsAndTheDays()
    {
        await File.WriteAllTextAsync(_folder["account.csv"], BreachAtReset);
        Assert.Equal(ExitCode.Refused, (await CommandRunner.Run("risk", "simulate", _folder["account.csv"], "--rules", "ftmo-1step", "--initial", "100000", "--out", _folder["page.html"])).ExitCode);
        string page = await File.ReadAllTextAsync(_folder["page.html"]);
        foreach (string part in (string[])["<svg", "daily floor</span>", "total floor</span>", "<td class=\"bad\">2026-03-29</td>", "below the daily floor 101000 at 2026-03-28T23:00:00Z"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LimitsOfAFileTakeTheInitialCapitalOfTheCall()
    {
        await File.WriteAllBytesAsync(_folder["strict.json"], (RiskPresets.Ftmo2Step with { Name = "strict", MaxTotalLoss = 0.05m, StopOpeningTotalLoss = 0.04m, WarnTotalLoss = 0.03m }).ToJson());
        await File.WriteAllTextAsync(_folder["account.csv"], "time,balance,equity\n2026-01-12T10:00:00Z,200000,189999\n");
        CommandRunner.Outcome outcome = await CommandRunner.Run("risk", "simulate", _folder["account.csv"], "--rules", _folder["strict.json"], "--initial", "200000", "--json");
        Assert.Equal(190_000m, JsonDocument.Parse(outcome.Output).RootElement.GetProperty("days")[0].GetProperty("totalFloor").GetDecimal());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("time,balance,equity\n", "no rows")]
    [InlineData("time,balance\n2026-01-12T10:00:00Z,1\n", "line 1: no column equity")]
    [InlineData("time,equity,balance,Equity\n", "line 1: two columns are named equity")]
    [InlineData("time,balance,equity\nyesterday,1,1\n", "line 2: time is 'yesterday'")]
    [InlineData("time,balance,equity\n1768212000,1,1\n", "line 2: time is '1768212000'")]
    [InlineData("time,balance,equity\n1970-01-01T00:00:00Z,1,1\n", "line 2: time is '1970-01-01T00:00:00Z', expected 1997 or later")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,1,1\n2026-01-12T09:59:59Z,1,1\n", "line 3: time is '2026-01-12T09:59:59Z', before 2026-01-12T10:00:00.000000000Z")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,,1\n", "line 2: balance is ''")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,1,NaN\n", "line 2: equity is 'NaN'")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,1,1e400\n", "line 2: equity is '1e400'")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,1,0.0000000000000000001\n", "line 2: equity is '0.0000000000000000001'")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,999999999999999999999,1\n", "line 2: balance is '999999999999999999999'")]
    [InlineData("time,balance,equity\n2026-01-12T10:00:00Z,1\n", "line 2: equity is missing")]
    public async Task WhatCannotBeReadIsNamedWithFileLineAndField(string text, string expected)
    {
        await File.WriteAllTextAsync(_folder["account.csv"], text);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EquityFile.Read(_folder["account.csv"]));
        Assert.StartsWith(_folder["account.csv"] + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, await CommandLine.RunAsync(["risk", "simulate", _folder["account.csv"], "--rules", "ftmo-2step", "--initial", "100000"]));
    }

    [Fact]
    public async Task ACutGzipIsRefused()
    {
        using (var whole = new MemoryStream())
        {
            using (var gzip = new GZipStream(whole, CompressionLevel.NoCompression, leaveOpen: true))
                gzip.Write(System.Text.Encoding.UTF8.GetBytes(BreachAtReset));
            await File.WriteAllBytesAsync(_folder["cut.csv.gz"], whole.ToArray()[..^6]);
        }

        Assert.Contains("break off", Assert.Throws<InvalidDataException>(() => EquityFile.Read(_folder["cut.csv.gz"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongUseAndMissingFilesHaveTheirExitCodes()
    {
        await File.WriteAllTextAsync(_folder["account.csv"], BreachAtReset);
        string file = _folder["account.csv"];
        await File.WriteAllTextAsync(_folder["rules.json"], "{}");
        (int, string[])[] calls =
        [
            (ExitCode.WrongUsage, [file]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-2step"]),
            (ExitCode.WrongUsage, [file, "--initial", "100000"]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-3step", "--initial", "100000"]),
            (ExitCode.WrongUsage, [file, "--rules", _folder["rules.json"], "--initial", "100000"]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-2step", "--initial", "-100000"]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-2step", "--initial", "0"]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-2step", "--initial", "much"]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-2step", "--initial", "1e10"]),
            (ExitCode.WrongUsage, [file, "--rules", "ftmo-2step", "--initial", "100000", "--out", _folder["no/such/page.html"]]),
            (ExitCode.BadInput, [_folder["missing.csv"], "--rules", "ftmo-2step", "--initial", "100000"]),
        ];
        foreach ((int code, string[] arguments) in calls)
            Assert.Equal((code, string.Join(' ', arguments)), (await CommandLine.RunAsync(["risk", "simulate", .. arguments]), string.Join(' ', arguments)));
    }

    public void Dispose() => _folder.Dispose();
}
