using System.Globalization;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Datasets.Validation;
using Crpbot.Engine.Tests.Datasets.Candles;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public sealed class CandleValidatorTests : IDisposable
{
    private const string Header = "time,open,high,low,close,volume";
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void ACleanFileOfAnyShapeGivesNoFindingAndReadsBackEqual()
    {
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            long interval = CandleInterval.Parse(new[] { "1m", "3m", "5m", "15m", "1h", "1d" }[random.Next(6)]);
            List<CandleRow> rows = CandleScript.Walk(random, 20 + random.Next(300), interval);
            CandleFileOptions options = CandleScript.Write(_path, rows, random);
            ValidationReport report = CandleValidator.Validate(_path, options, null, null, new DecimalStep(1, 2), out CandleSummary summary);
            Assert.True(report.Findings.Count == 0, $"seed {seed}: {report.ToJson()}");
            Assert.Equal((rows.Count, rows[0].Time, rows[^1].Time + interval, interval), ((int)report.Rows, report.From, report.To, summary.Interval));
            Assert.Equal((rows.Count, 0), (summary.Candles, summary.Missing));
            using CandleReader reader = CandleReader.Open(_path, options);
            var read = new List<CandleRow>();
            while (reader.Read(out CandleRow row) == CandleReadStatus.Candle)
                read.Add(row with { Line = 0, Form = CandleTimeForm.Text });
            Assert.Equal(rows, reader.Shape.IsNewestFirst ? [.. read.AsEnumerable().Reverse()] : read);
        }
    }

    [Fact]
    public void PlantedDefectsAreCountedAndPlacedExactly()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            List<CandleRow> rows = CandleScript.Walk(random, 3_000);
            bool isNewestFirst = random.Next(2) == 0;
            if (isNewestFirst)
                rows.Reverse();
            var lines = new List<string> { Header };
            var expected = new SortedDictionary<FindingCode, (long Count, long Line, UnixNanos Time)>();
            void Plant(FindingCode code, long line, UnixNanos time) =>
                expected[code] = expected.TryGetValue(code, out (long Count, long Line, UnixNanos Time) known) ? known with { Count = known.Count + 1 } : (1, line, time);
            for (int i = 0; i < rows.Count; i++)
            {
                CandleRow row = rows[i];
                long line = lines.Count + 1;
                // Every fortieth row may carry one defect, so that none hides another.
                switch (i % 40 == 20 ? random.Next(9) : 99)
                {
                    case 0:
                        Plant(FindingCode.MissingMinute, 0, row.Time);
                        continue;
                    case 1:
                        lines.AddRange([CandleScript.Line(row), CandleScript.Line(row)]);
                        Plant(FindingCode.Duplicate, line + 1, row.Time);
                        continue;
                    case 2:
                        lines.AddRange([CandleScript.Line(row), CandleScript.Line(row with { Volume = row.Volume + 1 })]);
                        Plant(FindingCode.Conflict, line + 1, row.Time);
                        continue;
                    case 3:
                        lines.AddRange([CandleScript.Line(rows[i + 1]), CandleScript.Line(row)]);
                        Plant(FindingCode.OutOfOrder, line + 1, row.Time);
                        i++;
                        continue;
                    case 4:
                        lines.Add(CandleScript.Line(Impossible(row, random)));
                        Plant(FindingCode.BadValue, line, row.Time);
                        continue;
                    case 5:
                        string[] cells = CandleScript.Line(row).Split(',');
                        string bad = new[] { "", "NaN", "inf", "1,5", "x" }[random.Next(5)];
                        cells[1 + random.Next(5)] = bad;
                        lines.Add(string.Join(',', cells));
                        // A field too many leaves open which is the time, so that its minute lacks as well.
                        Plant(FindingCode.BadValue, line, bad == "1,5" ? UnixNanos.None : row.Time);
                        if (bad == "1,5")
                            Plant(FindingCode.MissingMinute, 0, row.Time);
                        continue;
                    case 6:
                        lines.Add(CandleScript.Line(row with { Volume = 0 }));
                        Plant(FindingCode.NoTrades, line, row.Time);
                        continue;
                    case 7:
                        lines.Add(CandleScript.Line(row with { Close = Math.Round(row.Close * 1.2, 2), High = Math.Round(row.Close * 1.2, 2) }));
                        Plant(FindingCode.PriceJump, line, row.Time);
                        continue;
                    case 8:
                        lines.Add(CandleScript.Line(row with { Low = row.Low - 0.001 }));
                        Plant(FindingCode.OffTick, line, row.Time);
                        continue;
                    default:
                        lines.Add(CandleScript.Line(row));
                        continue;
                }
            }

            File.WriteAllLines(_path, lines);
            ValidationReport report = CandleValidator.Validate(_path, CandleFileOptions.Default, null, null, new DecimalStep(1, 2), out _);
            // Missing minutes have no line; the first is the earliest.
            if (expected.TryGetValue(FindingCode.MissingMinute, out (long Count, long Line, UnixNanos Time) missing) && isNewestFirst)
                expected[FindingCode.MissingMinute] = missing with { Time = report.Findings.Single(f => f.Code == FindingCode.MissingMinute).FirstTime };
            Assert.True(expected.Select(e => (e.Key, e.Value.Count, e.Value.Line, e.Value.Time)).SequenceEqual(report.Findings.Select(f => (f.Code, f.Count, f.FirstLine, f.FirstTime))),
                $"seed {seed}: expected {string.Join("; ", expected)} but {report.ToJson()}");
        }
    }

    [Fact]
    public void MissingCandlesAreCountedInCandlesAndTheirRunsInMinutes()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 100, 5 * UnixNanos.PerMinute);
        UnixNanos first = rows[40].Time, second = rows[60].Time;
        rows.RemoveAt(60);
        rows.RemoveRange(40, 3);
        Finding missing = Assert.Single(Validate(rows).Findings);
        Assert.Equal((FindingCode.MissingMinute, 4L, first, 0L), (missing.Code, missing.Count, missing.FirstTime, missing.FirstLine));
        Assert.Equal([new MinuteRun(first, 15), new MinuteRun(second, 5)], missing.Runs);
    }

    [Fact]
    public void ARequestedIntervalIsJudgedWholeAndRowsOutsideAreLeftOut()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 60);
        UnixNanos start = CandleScript.Start;
        rows[5] = rows[5] with { Volume = -1 };
        rows[40] = rows[40] with { Volume = -1 };
        Write(rows);
        ValidationReport inside = CandleValidator.Validate(_path, CandleFileOptions.Default, start + 10 * UnixNanos.PerMinute, start + 40 * UnixNanos.PerMinute);
        Assert.Equal((30, 0), (inside.Rows, inside.Findings.Count));
        ValidationReport beyond = CandleValidator.Validate(_path, CandleFileOptions.Default, start - 2 * UnixNanos.PerMinute, start + 90 * UnixNanos.PerMinute);
        Finding missing = beyond.Findings.Single(finding => finding.Code == FindingCode.MissingMinute);
        Assert.Equal([new MinuteRun(start - 2 * UnixNanos.PerMinute, 2), new MinuteRun(start + 60 * UnixNanos.PerMinute, 30)], missing.Runs);
        ValidationReport nothing = CandleValidator.Validate(_path, CandleFileOptions.Default, start + UnixNanos.PerDay, start + 2 * UnixNanos.PerDay);
        Assert.Equal((0, 1440), (nothing.Rows, Assert.Single(nothing.Findings).Count));
    }

    [Fact]
    public void AClockThatIsSetIsNoHeapOfConflictsAlone()
    {
        // Local times of an autumn night: 02:00 to 02:59 twice.
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 300);
        for (int i = 180; i < rows.Count; i++)
            rows[i] = rows[i] with { Time = rows[i].Time - UnixNanos.PerHour };
        ValidationReport back = Validate(rows);
        Assert.Equal([(FindingCode.Conflict, 60L, 182L), (FindingCode.ClockJump, 1, 182)], back.Findings.Select(f => (f.Code, f.Count, f.FirstLine)));

        // The spring night lacks an hour; the same hole on another day is only a hole.
        List<CandleRow> spring = CandleScript.Walk(new Random(1), 300, start: UnixNanos.FromDateTime(new DateTime(2024, 3, 31, 0, 0, 0, DateTimeKind.Utc)));
        spring.RemoveRange(120, 60);
        Assert.Equal([FindingCode.MissingMinute, FindingCode.ClockJump], Validate(spring).Findings.Select(f => f.Code));
        List<CandleRow> other = CandleScript.Walk(new Random(1), 300);
        other.RemoveRange(120, 60);
        Assert.Equal([FindingCode.MissingMinute], Validate(other).Findings.Select(f => f.Code));
    }

    [Fact]
    public void AChangeOfTheTimesUnitIsFound()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 300);
        string[] lines = [Header, .. rows.Select((row, i) => i < 100 ? CandleScript.Line(row) : CandleScript.Line(row).Insert(10, "000"))];
        File.WriteAllLines(_path, lines);
        Finding change = Assert.Single(CandleValidator.Validate(_path, CandleFileOptions.Default).Findings);
        Assert.Equal((FindingCode.ClockJump, 1L, 102L, "times change from seconds to milliseconds"), (change.Code, change.Count, change.FirstLine, change.Example));
    }

    [Fact]
    public void AStrayTimeDoesNotStretchTheSpan()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 300);
        UnixNanos hole = rows[100].Time;
        rows[100] = rows[100] with { Time = rows[100].Time + 3650 * UnixNanos.PerDay };
        ValidationReport report = Validate(rows);
        Assert.Equal([(FindingCode.MissingMinute, 1L, 0L, hole), (FindingCode.OutOfOrder, 1, 102, hole + 3650 * UnixNanos.PerDay)],
            report.Findings.Select(f => (f.Code, f.Count, f.FirstLine, f.FirstTime)));
        Assert.Equal(CandleScript.Start + 300 * UnixNanos.PerMinute, report.To);
    }

    [Fact]
    public void TimesBetweenTheMinutesAreBad()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 300);
        rows[100] = rows[100] with { Time = rows[100].Time + 7 * UnixNanos.PerSecond };
        Assert.Equal([(FindingCode.MissingMinute, 1L, 0L), (FindingCode.BadValue, 1, 102)], Validate(rows).Findings.Select(f => (f.Code, f.Count, f.FirstLine)));
    }

    [Fact]
    public void ARowThatIsCutIsATruncatedFile()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 300);
        string text = string.Join('\n', [Header, .. rows.Select(row => CandleScript.Line(row))]);
        File.WriteAllText(_path, text[..(text.LastIndexOf('\n') + 20)]);
        ValidationReport report = CandleValidator.Validate(_path, CandleFileOptions.Default);
        Assert.Equal((299, FindingCode.Truncated, 301), (report.Rows, Assert.Single(report.Findings).Code, report.Findings[0].FirstLine));
        Assert.InRange(report.Score, 1, 50);
    }

    [Fact]
    public void ADayWithoutItsUsualVolumeIsWorthKnowing()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 24 * 20, UnixNanos.PerHour);
        for (int i = 24 * 8; i < 24 * 9; i++)
            rows[i] = rows[i] with { Volume = 0.01 };
        Finding odd = Assert.Single(Validate(rows).Findings);
        Assert.Equal((FindingCode.CountAnomaly, 1L, CandleScript.Start + 8 * UnixNanos.PerDay), (odd.Code, odd.Count, odd.FirstTime));
    }

    private static CandleRow Impossible(in CandleRow row, Random random) => random.Next(5) switch
    {
        0 => row with { High = row.Low, Low = row.High + 1 },
        1 => row with { Volume = -row.Volume },
        2 => row with { Low = 0 },
        3 => row with { Open = Math.Round(row.High + 1, 2) },
        _ => row with { Low = -row.Low },
    };

    private ValidationReport Validate(List<CandleRow> rows)
    {
        Write(rows);
        return CandleValidator.Validate(_path, CandleFileOptions.Default);
    }

    private void Write(List<CandleRow> rows)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (CandleRow row in rows)
            text.Append(CultureInfo.InvariantCulture, $"{CandleScript.Line(row)}\n");
        File.WriteAllText(_path, text.ToString());
    }
}
