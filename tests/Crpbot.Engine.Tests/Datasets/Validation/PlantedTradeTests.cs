using System.Globalization;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using static Crpbot.Engine.Tests.Datasets.Validation.Planted;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public sealed class PlantedTradeTests : IDisposable
{
    private const int At = 5000;
    private readonly Planted _planted = new();

    public void Dispose() => _planted.Dispose();

    [MarketDataFact(Trades)]
    public void ADroppedTradeIsAHoleInTheIds()
    {
        List<string> rows = LinesOf(Trades);
        rows.RemoveAt(At);
        rows.RemoveRange(7000, 10);

        Finding finding = OnlyFault(rows, FindingCode.SequenceGap);

        Assert.Equal((2, At + 1), (finding.Count, finding.FirstLine));
        Assert.Equal(Micros(rows[At], 3), finding.FirstTime.Value / 1000);
        Assert.EndsWith("1 missing", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Trades)]
    public void TheSameTradeAgainIsADuplicate()
    {
        List<string> rows = LinesOf(Trades);
        rows.Insert(At + 40, rows[At]);
        rows[At + 40] = With(rows[At + 40], 3, rows[At + 39].Split(',')[3]);

        Finding finding = OnlyFault(rows, FindingCode.Duplicate);

        Assert.Equal((1, At + 41), (finding.Count, finding.FirstLine));
    }

    [MarketDataFact(Trades)]
    public void TheSameIdWithAnotherPriceIsAConflict()
    {
        List<string> rows = LinesOf(Trades);
        string row = rows[At];
        rows.Insert(At + 1, With(row, 7, "0.12345"));

        Finding finding = OnlyFault(rows, FindingCode.Conflict);

        Assert.Equal((1, At + 2, Severity.Error), (finding.Count, finding.FirstLine, finding.Severity));
    }

    [MarketDataFact(Trades)]
    public void SwappedRowsAreOutOfOrderAndLeaveNoHole()
    {
        List<string> rows = LinesOf(Trades);
        int at = Enumerable.Range(At, 1000).First(i => Micros(rows[i], 3) < Micros(rows[i + 1], 3));
        (rows[at], rows[at + 1]) = (rows[at + 1], rows[at]);

        Finding finding = OnlyFault(rows, FindingCode.OutOfOrder);

        Assert.Equal((1, at + 2), (finding.Count, finding.FirstLine));
        Assert.StartsWith("receive time goes back", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Trades)]
    public void ExchangeTimeThatGoesBackIsToldApart()
    {
        List<string> rows = LinesOf(Trades);
        rows[At] = With(rows[At], 2, Text(Micros(rows[At - 1], 2) - 150_000));

        Finding finding = OnlyFault(rows, FindingCode.OutOfOrder);

        Assert.Equal((1, At + 1), (finding.Count, finding.FirstLine));
        Assert.Contains("exchange time of Trades goes back", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataTheory(Trades)]
    [InlineData(3, 2_000_000, "receive")]
    [InlineData(2, 2_000_000, "exchange")]
    public void AStepOfOneClockIsFoundWhereItIs(int cell, long by, string clock)
    {
        List<string> rows = LinesOf(Trades);
        for (int i = At; i < rows.Count; i++)
            rows[i] = With(rows[i], cell, Text(Micros(rows[i], cell) + by));

        Finding finding = OnlyFault(rows, FindingCode.ClockJump);

        Assert.Equal((1, At + 1), (finding.Count, finding.FirstLine));
        Assert.StartsWith($"the {clock} clock stepped", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Trades)]
    public void AReceiveClockThatIsSetBackIsAStepAndAnOrderBreak()
    {
        List<string> rows = LinesOf(Trades);
        for (int i = At; i < rows.Count; i++)
            rows[i] = With(rows[i], 3, Text(Micros(rows[i], 3) - 3_000_000));

        ValidationReport report = _planted.Csv(TardisCsvType.Trades, rows);

        Assert.Equal([FindingCode.OutOfOrder, FindingCode.ClockJump], report.Faults());
        Assert.Equal((1, 1, At + 1, At + 1),
            (report.Of(FindingCode.OutOfOrder).Count, report.Of(FindingCode.ClockJump).Count, report.Of(FindingCode.OutOfOrder).FirstLine, report.Of(FindingCode.ClockJump).FirstLine));
    }

    [MarketDataFact(Trades)]
    public void AStalledRecorderIsNoStep()
    {
        List<string> rows = LinesOf(Trades);
        // For a second nothing is received, then all of it at once.
        long stall = Micros(rows[At], 3), end = stall + 1_000_000;
        for (int i = At; Micros(rows[i], 3) < end; i++)
            rows[i] = With(rows[i], 3, Text(end));

        Assert.Empty(_planted.Csv(TardisCsvType.Trades, rows).Faults());
    }

    [MarketDataFact(Trades)]
    public void ClocksThatNeverAgreeAreToldButAreNoFault()
    {
        Finding finding = _planted.Csv(TardisCsvType.Trades, LinesOf(Trades)).Of(FindingCode.ClockJump);

        Assert.Equal((1, Severity.Info), (finding.Count, finding.Severity));
        Assert.Contains("−1.27", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataTheory(Trades)]
    [InlineData(6, "61000.123", FindingCode.OffTick)]
    [InlineData(7, "0.123456789", FindingCode.OffTick)]
    [InlineData(6, "0", FindingCode.BadValue)]
    [InlineData(6, "-5", FindingCode.BadValue)]
    [InlineData(6, "NaN", FindingCode.BadValue)]
    [InlineData(7, "0", FindingCode.BadValue)]
    [InlineData(7, "", FindingCode.BadValue)]
    [InlineData(5, "bye", FindingCode.BadValue)]
    public void AnImpossibleValueIsLocated(int cell, string value, FindingCode code)
    {
        List<string> rows = LinesOf(Trades);
        rows[At] = With(rows[At], cell, value);

        Finding finding = _planted.Csv(TardisCsvType.Trades, rows).Of(code);

        Assert.Equal((1, At + 1), (finding.Count, finding.FirstLine));
        Assert.True(Math.Abs(finding.FirstTime.Value / 1000 - Micros(rows[At], 3)) < 1_000_000);
    }

    [MarketDataFact(Trades)]
    public void AllRefusalsAreCountedNotOnlyTheFirst()
    {
        List<string> rows = LinesOf(Trades);
        for (int i = 0; i < 100; i++)
            rows[At + 10 * i] = With(rows[At + 10 * i], 6, "61000.123");

        Assert.Equal(100, _planted.Csv(TardisCsvType.Trades, rows).Of(FindingCode.OffTick).Count);
    }

    [MarketDataFact(Trades)]
    public void ASpikeIsReportedAndALastingMoveIsNot()
    {
        List<string> rows = LinesOf(Trades);
        rows[At] = With(rows[At], 6, "65000");
        for (int i = 8000; i < rows.Count; i++)
            rows[i] = With(rows[i], 6, Text(70_000));

        ValidationReport report = _planted.Csv(TardisCsvType.Trades, rows);

        Assert.Empty(report.Faults());
        Finding finding = report.Of(FindingCode.PriceJump);
        Assert.Equal((1, At + 1, Severity.Info), (finding.Count, finding.FirstLine, finding.Severity));
        Assert.Contains("65000", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Trades)]
    public void MinutesThatTradesMustHaveHadAreMissing()
    {
        List<string> rows = LinesOf(Trades);
        long from = Micro("2024-08-08T23:56:00Z"), to = Micro("2024-08-08T23:58:00Z");
        rows.RemoveAll(row => row[0] == 'b' && Micros(row, 3) >= from && Micros(row, 3) < to);

        ValidationReport report = _planted.Csv(TardisCsvType.Trades, rows);

        Assert.Equal([FindingCode.MissingMinute, FindingCode.SequenceGap], report.Faults());
        Assert.Equal([new MinuteRun(new UnixNanos(from * 1000), 2)], report.Of(FindingCode.MissingMinute).Runs);
    }

    [MarketDataFact(Trades)]
    public void TheRequestedIntervalDecidesWhatIsMissing()
    {
        ValidationReport report = _planted.Csv(TardisCsvType.Trades, LinesOf(Trades), "2024-08-06T12:00:00Z", "2024-08-09T00:10:00Z");

        Assert.Equal(1, report.Of(FindingCode.MissingDay).Count);
        Assert.Equal("2024-08-07T00:00:00.000000000Z", report.Of(FindingCode.MissingDay).FirstTime.ToString());
        Assert.Equal([720, 1434, 10], report.Of(FindingCode.MissingMinute).Runs.Select(run => run.Minutes));
    }

    [Fact]
    public void AQuietSymbolWithoutOtherChannelsHasNoTradesAndMissesNothing()
    {
        string[] rows = ["exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
            .. Enumerable.Range(0, 60).Where(minute => minute % 7 != 3).Select(minute =>
                string.Create(CultureInfo.InvariantCulture, $"coinbase,SOL-USD,{1_700_000_040_000_000 + minute * 60_000_000L},{1_700_000_040_001_000 + minute * 60_000_000L},{minute - (minute + 4) / 7},buy,60.5,1"))];

        ValidationReport report = _planted.Csv(TardisCsvType.Trades, rows);

        Assert.Empty(report.Faults());
        Assert.Equal(8, report.Of(FindingCode.NoTrades).Count);
    }

    private Finding OnlyFault(List<string> rows, FindingCode code)
    {
        ValidationReport report = _planted.Csv(TardisCsvType.Trades, rows);
        Assert.Equal([code], report.Faults());
        return report.Of(code);
    }
}
