using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Crpbot.Telemetry;
using HdrHistogram;
using Xunit;

namespace Crpbot.Engine.Tests.Telemetry;

public sealed class LatencyLogTests
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private static LatencyHistogram[] Sample()
    {
        Random random = new(3);
        LatencyHistogram parse = new("wire→parsed"), verdict = new("wire→verdict"), empty = new("wire→order");
        for (int i = 0; i < 50_000; i++)
        {
            parse.Add((long)(120 + 40 * random.NextDouble()));
            verdict.Add((long)(2_000 * Math.Exp(2 * random.NextDouble())));
        }

        parse.Add(60_000_000_000);
        return [parse, verdict, empty];
    }

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        LatencyHistogram[] written = Sample();
        MemoryStream file = new();
        LatencyLog.Write(file, written, Start, Start.AddSeconds(60));
        IReadOnlyList<LatencyHistogram> read = LatencyLog.Read(new MemoryStream(file.ToArray()), "test.hlog");
        Assert.Equal(written.Select(StageLatency.Of), read.Select(StageLatency.Of));
        foreach ((LatencyHistogram a, LatencyHistogram b) in written.Zip(read))
            Assert.Equal(a.Buckets(), b.Buckets());
    }

    [Fact]
    public void TheFileIsAnIntervalLogWithATagAStage()
    {
        MemoryStream file = new();
        LatencyLog.Write(file, Sample(), Start, Start.AddSeconds(60));
        string text = Encoding.UTF8.GetString(file.ToArray());
        Assert.StartsWith("#[Histogram log format version", text, StringComparison.Ordinal);
        Assert.Contains("Tag=wire→parsed,", text, StringComparison.Ordinal);
        Assert.Contains(",HISTFAAAA", text, StringComparison.Ordinal);

        // The library reads it once it is in the encoding that the library expects.
        using HistogramLogReader library = new(new MemoryStream([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]));
        HistogramBase[] intervals = [.. library.ReadHistograms()];
        Assert.Equal(3, intervals.Length);
        Assert.Equal("wire→parsed", intervals[0].Tag);
        Assert.Equal(50_001, intervals[0].TotalCount);
        Assert.Equal(60_000, intervals[0].EndTimeStamp - intervals[0].StartTimeStamp);
    }

    [Fact]
    public void ALogOfTheLibrarysOwnWriterIsRead()
    {
        LongHistogram histogram = new(1, 60_000_000_000, 3) { Tag = "book", StartTimeStamp = 0, EndTimeStamp = 1_000 };
        histogram.RecordValueWithCount(1_234, 5);
        MemoryStream file = new();
        HistogramLogWriter.Write(file, Start, histogram);
        LatencyHistogram read = Assert.Single(LatencyLog.Read(new MemoryStream(file.ToArray()), "theirs.hlog"));
        Assert.Equal("book", read.Stage);
        Assert.Equal([(1_234L, 5L)], read.Buckets());
    }

    [Fact]
    public void IntervalsOfOneStageAreAddedUp()
    {
        LatencyHistogram a = new("book"), b = new("book");
        a.Add(100, 3);
        b.Add(200, 4);
        MemoryStream file = new();
        LatencyLog.Write(file, [a, b], Start, Start.AddSeconds(1));
        LatencyHistogram read = Assert.Single(LatencyLog.Read(new MemoryStream(file.ToArray()), "test.hlog"));
        a.Add(b);
        Assert.Equal(a.Buckets(), read.Buckets());
        Assert.Equal(7, read.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a log\n")]
    [InlineData("#[Histogram log format version 1.2]\nTag=a,0.0,1.0,5.0,AAAA\n")]
    [InlineData("#[Histogram log format version 1.2]\n\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n")]
    [InlineData("0.1,1.0\n")]
    public void OtherFilesAreBadInput(string content)
    {
        InvalidDataException thrown = Assert.Throws<InvalidDataException>(
            () => LatencyLog.Read(new MemoryStream(Encoding.UTF8.GetBytes(content)), "some.hlog"));
        Assert.Contains("some.hlog", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    [Fact]
    public void ALogCutAnywhereReadsOrIsBadInput()
    {
        MemoryStream file = new();
        LatencyLog.Write(file, Sample(), Start, Start.AddSeconds(60));
        byte[] whole = file.ToArray();
        for (int length = 0; length < whole.Length; length += 7)
        {
            try
            {
                Assert.InRange(LatencyLog.Read(new MemoryStream(whole, 0, length), "cut.hlog").Count, 1, 3);
            }
            catch (InvalidDataException)
            {
                // Named, as it should be.
            }
        }
    }

    [Fact]
    public void TheTableHasALineAStage()
    {
        string[] lines = LatencyReport.Table(Sample()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("stage", lines[0], StringComparison.Ordinal);
        Assert.Contains("50,001", lines[1], StringComparison.Ordinal);
        Assert.Contains("60 s", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("0", lines[3].TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(1, "1 ns")]
    [InlineData(999.4, "999 ns")]
    [InlineData(999.6, "1 µs")]
    [InlineData(1_250, "1.25 µs")]
    [InlineData(12_549, "12.5 µs")]
    [InlineData(125_400, "125 µs")]
    [InlineData(999_600, "1 ms")]
    [InlineData(2_500_000, "2.5 ms")]
    [InlineData(3_000_000_000, "3 s")]
    public void NanosecondsReadWell(double nanos, string text) => Assert.Equal(text, LatencyReport.FormatNanos(nanos));

    [Fact]
    public void TheDistributionEndsAtAllValues()
    {
        string[] rows = [.. LatencyReport.Distribution(Sample()[1]).Split('\n').Where(line => line.Length > 0 && line[0] == ' ').Skip(1)];
        string[] last = rows[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("1.000000000000", last[1]);
        Assert.Equal("50000", last[2]);
        double[] fractions = [.. rows.Select(row => double.Parse(row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))];
        Assert.Equal(fractions.Order(), fractions);
    }

    [Fact]
    public void ThePageIsWellFormedSelfContainedAndComplete()
    {
        string page = LatencyPage.Render(new LatencyReportHeader("Replay <btc>", "8 cores & more", "gen0 0"), Sample());
        XElement document = XElement.Parse(page.Replace("<!doctype html>", "", StringComparison.Ordinal)
            .Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal));
        Assert.Equal(2, document.Descendants("path").Count());
        Assert.Equal(4, document.Descendants("tr").Count());
        Assert.Contains("Replay &lt;btc&gt;", page, StringComparison.Ordinal);
        Assert.Contains("8 cores &amp; more", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("∞", page, StringComparison.Ordinal);
    }

    [Fact]
    public void APageWithoutValuesHasNoPlot()
    {
        Assert.DoesNotContain("<svg", LatencyPage.Render(new LatencyReportHeader("x", "y"), [new LatencyHistogram("a")]), StringComparison.Ordinal);
        LatencyHistogram one = new("a");
        one.Add(0);
        Assert.Contains("<svg", LatencyPage.Render(new LatencyReportHeader("x", "y"), [one]), StringComparison.Ordinal);
    }
}
