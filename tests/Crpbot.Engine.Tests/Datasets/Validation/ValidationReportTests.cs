using System.Text.Json;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public class ValidationReportTests
{
    private static readonly UnixNanos Start = new(1_700_000_000_000_000_000);

    [Fact]
    public void TheDocumentHasTheAgreedShape()
    {
        var log = new FindingLog();
        log.Add(FindingCode.SequenceGap, Start, 7, "trade 12 follows 10");
        log.Add(FindingCode.SequenceGap, Start + 5, 9, "trade 20 follows 12", 7);
        log.AddMissing(new MinuteRun(Start, 3), "3 minutes from 22:13");
        log.AddMissing(new MinuteRun(Start + UnixNanos.PerHour, 1), "1 minute");
        using JsonDocument document = JsonDocument.Parse(new ValidationReport(96, Start, Start + UnixNanos.PerDay, log.Findings).ToJson());
        JsonElement root = document.RootElement;
        Assert.Equal(["score", "rows", "from", "to", "findings"], root.EnumerateObject().Select(p => p.Name));
        JsonElement[] findings = [.. root.GetProperty("findings").EnumerateArray()];
        Assert.Equal(["missing-minute", "sequence-gap"], findings.Select(f => f.GetProperty("code").GetString()));
        Assert.Equal((4, 8), (findings[0].GetProperty("count").GetInt64(), findings[1].GetProperty("count").GetInt64()));
        Assert.Equal("[3,1]", $"[{string.Join(',', findings[0].GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("minutes").GetInt64()))}]");
        Assert.Equal("code severity count firstTime firstLine example runs", string.Join(' ', findings[0].EnumerateObject().Select(p => p.Name)));
        Assert.Equal("code severity count firstTime firstLine example", string.Join(' ', findings[1].EnumerateObject().Select(p => p.Name)));
        Assert.Equal(JsonValueKind.Null, findings[0].GetProperty("firstLine").ValueKind);
        Assert.Equal((7, "trade 12 follows 10", "error"), (findings[1].GetProperty("firstLine").GetInt64(), findings[1].GetProperty("example").GetString(), findings[1].GetProperty("severity").GetString()));
        Assert.Equal("2023-11-14T22:13:20.000000000Z", findings[1].GetProperty("firstTime").GetString());
    }

    [Fact]
    public void TheScoreIsTheShareWithoutFault()
    {
        Assert.Equal(100, ScoreOf(1000));
        Assert.Equal(99.9, ScoreOf(1000, (FindingCode.BadValue, 1)));
        Assert.Equal(99.95, ScoreOf(1000, (FindingCode.Duplicate, 1)));
        Assert.Equal(99.99, ScoreOf(1_000_000, (FindingCode.Duplicate, 1)));
        Assert.Equal(100, ScoreOf(1000, (FindingCode.PriceJump, 5)));
        Assert.Equal(75, ScoreOf(500, (FindingCode.MissingMinute, 500)));
        Assert.Equal(50, ScoreOf(1000, (FindingCode.Truncated, 1)));
        Assert.Equal(0, ScoreOf(0));
        Assert.Equal(0, ScoreOf(10, (FindingCode.Conflict, 99)));
    }

    [Fact]
    public void AMissingMinuteAndDayWeighWhatTheyStandFor()
    {
        var log = new FindingLog();
        log.AddMissing(new MinuteRun(Start, 240), "four hours");
        Assert.Equal(98, new ValidationReport(96, Start, Start, log.Findings) { MinutesARow = 60 }.Score);
        var lake = new FindingLog();
        lake.Add(FindingCode.MissingDay, Start, 0, "a day");
        Assert.Equal(75, new ValidationReport(3_000, Start, Start, lake.Findings) { RowsADay = 1_000 }.Score);
    }

    [Theory]
    [InlineData(FindingCode.PriceJump, true, false, false)]
    [InlineData(FindingCode.Duplicate, true, true, false)]
    [InlineData(FindingCode.Corrupt, true, true, true)]
    public void FailOnIsAtOrAbove(FindingCode code, bool info, bool warning, bool error)
    {
        var log = new FindingLog();
        log.Add(code, Start, 1, "x");
        var report = new ValidationReport(1, Start, Start, log.Findings);
        Assert.Equal((info, warning, error), (report.Fails(Severity.Info), report.Fails(Severity.Warning), report.Fails(Severity.Error)));
    }

    [Fact]
    public void EveryCodeHasItsName() =>
        Assert.Equal(
            "missing-day missing-minute no-trades feed-down sequence-gap duplicate conflict out-of-order clock-jump crossed-book unknown-level bad-value off-tick price-jump side-inverted count-anomaly candle-mismatch truncated corrupt",
            string.Join(' ', Enum.GetValues<FindingCode>().Select(code => code.NameOf())));

    [Fact]
    public void LogsAddUp()
    {
        var first = new FindingLog();
        first.Add(FindingCode.Duplicate, Start, 3, "the first");
        var second = new FindingLog();
        second.Add(FindingCode.Duplicate, Start + 1, 1, "another");
        second.AddMissing(new MinuteRun(Start, 2), "two");
        first.Add(second);
        Assert.Equal(["missing-minute 2 two", "duplicate 2 the first"], first.Findings.Select(f => $"{f.Code.NameOf()} {f.Count} {f.Example}"));
        Assert.Equal(2, first.Findings[0].Runs.Single().Minutes);
    }

    private static double ScoreOf(long rows, params (FindingCode Code, long Count)[] findings)
    {
        var log = new FindingLog();
        foreach ((FindingCode code, long count) in findings)
            log.Add(code, Start, 1, "x", count);
        return new ValidationReport(rows, Start, Start, log.Findings).Score;
    }
}
