using System.Globalization;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Validation;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using static Crpbot.Engine.Tests.Datasets.Validation.Planted;

namespace Crpbot.Engine.Tests.Datasets.Validation;

public sealed class PlantedBookTests : IDisposable
{
    private readonly Planted _planted = new();

    public void Dispose() => _planted.Dispose();

    [MarketDataFact(Book)]
    public void ASilenceIsAFeedThatWasDown()
    {
        List<string> rows = LinesOf(Book);
        long from = Micro("2024-08-08T23:55:30Z"), to = Micro("2024-08-08T23:58:10Z");
        rows.RemoveAll(row => row[0] == 'b' && Micros(row, 3) > from && Micros(row, 3) < to);
        int after = rows.FindIndex(1, row => Micros(row, 3) >= to);

        ValidationReport report = _planted.Csv(TardisCsvType.IncrementalBookL2, rows);

        Finding down = report.Of(FindingCode.FeedDown);
        Assert.Equal((4, after + 1, Micros(rows[after - 1], 3)), (down.Count, down.FirstLine, down.FirstTime.Value / 1000));
        Assert.Equal([new MinuteRun(new UnixNanos(Micro("2024-08-08T23:56:00Z") * 1000), 2)], report.Of(FindingCode.MissingMinute).Runs);
    }

    [MarketDataFact(Book)]
    public void ABookWithoutItsSnapshotCannotBeRebuilt()
    {
        List<string> rows = LinesOf(Book);
        int updates = rows.RemoveAll(row => row.Contains(",true,", StringComparison.Ordinal)) > 0 ? rows.Count - 1 : 0;

        ValidationReport report = _planted.Csv(TardisCsvType.IncrementalBookL2, rows);

        Finding finding = report.Of(FindingCode.UnknownLevel);
        Assert.Equal((updates, Severity.Warning), (finding.Count, finding.Severity));
        Assert.True(report.Score < 60);
    }

    [MarketDataFact(Book)]
    public void ALevelBeyondTheOtherSideCrossesTheBook()
    {
        List<string> rows = LinesOf(Book);
        int at = FirstOfMessage(rows, 60_000), end = FirstOfMessage(rows, 60_600);
        string[] cells = rows[at - 1].Split(',');
        int messages = rows.Skip(at).Take(end - at).Select(row => row.Split(',')[3]).Distinct().Count();
        string own = Text(Micros(rows[at], 3) - 1);
        rows.Insert(at, $"{cells[0]},{cells[1]},{cells[2]},{own},false,bid,99000,1");
        rows.Insert(end + 1, $"{cells[0]},{cells[1]},{rows[end + 1].Split(',')[2]},{Text(Micros(rows[end + 1], 3) - 1)},false,bid,99000,0");

        ValidationReport report = _planted.Csv(TardisCsvType.IncrementalBookL2, rows);

        Finding finding = report.Of(FindingCode.CrossedBook);
        Assert.Equal([FindingCode.CrossedBook], report.Faults());
        Assert.Equal((messages + 1, at + 1), (finding.Count, finding.FirstLine));
        Assert.Contains("crossed for", finding.Example, StringComparison.Ordinal);
        Assert.Contains("bid 99000", finding.Example, StringComparison.Ordinal);
    }

    [MarketDataFact(Book)]
    public void ASnapshotUnlikeTheRebuiltBookIsAConflict()
    {
        List<string> rows = LinesOf(Book);
        Assert.Empty(_planted.Csv(TardisCsvType.IncrementalBookL2, [.. rows, .. Snapshot(rows, changed: 0)]).Faults());

        ValidationReport report = _planted.Csv(TardisCsvType.IncrementalBookL2, [.. rows, .. Snapshot(rows, changed: 7)]);

        Assert.Equal([FindingCode.Conflict], report.Faults());
        Assert.Equal(7, report.Of(FindingCode.Conflict).Count);
    }

    [Fact]
    public void ARemovalOfAnUnknownLevelIsToldWhereTheVenueSendsNone()
    {
        const string Header = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount";
        string[] RowsOf(string venue, string symbol) =>
        [
            Header, $"{venue},{symbol},1700000000000000,1700000000001000,true,bid,100,1", $"{venue},{symbol},1700000000000000,1700000000001000,true,ask,101,1",
            $"{venue},{symbol},1700000001000000,1700000001001000,false,bid,99,0", $"{venue},{symbol},1700000001000000,1700000001001000,false,bid,98,2",
        ];

        Finding finding = _planted.Csv(TardisCsvType.IncrementalBookL2, RowsOf("coinbase", "BTC-USD")).Of(FindingCode.UnknownLevel);

        Assert.Equal((1, 4, Severity.Info), (finding.Count, finding.FirstLine, finding.Severity));
        Assert.Empty(_planted.Csv(TardisCsvType.IncrementalBookL2, RowsOf("binance", "BTCUSDT")).Findings);
    }

    /// <summary>The book that the rows make, as a snapshot with some quantities changed, at the time of the last row.</summary>
    private static List<string> Snapshot(List<string> rows, int changed)
    {
        var levels = new SortedDictionary<(string Side, decimal Price), string>();
        foreach (string[] cells in rows.Skip(1).Select(row => row.Split(',')))
        {
            (string, decimal) level = (cells[5], decimal.Parse(cells[6], CultureInfo.InvariantCulture));
            if (decimal.Parse(cells[7], CultureInfo.InvariantCulture) == 0)
                levels.Remove(level);
            else
                levels[level] = cells[7];
        }

        string[] last = rows[^1].Split(',');
        decimal middle = levels.Keys.Where(level => level.Side == "bid").Max(level => level.Price);
        HashSet<(string, decimal)> nearest = [.. levels.Keys.OrderBy(level => Math.Abs(level.Price - middle)).Take(changed)];
        return [.. levels.Select(level => string.Create(CultureInfo.InvariantCulture,
            $"{last[0]},{last[1]},{last[2]},{last[3]},true,{level.Key.Side},{level.Key.Price},{(nearest.Contains(level.Key) ? "77.5" : level.Value)}"))];
    }

    private static int FirstOfMessage(List<string> rows, int from) =>
        Enumerable.Range(from, 10_000).First(i => Micros(rows[i], 3) > Micros(rows[i - 1], 3) + 1);
}
