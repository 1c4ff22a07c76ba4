using System.Globalization;
using Crpbot.Datasets;
using Xunit;

namespace Crpbot.Pipeline.Tests.Deploy;

/// <summary>The arithmetic of <c>engine/docs/scale.md</c> follows from its measured rates and from the rule of the shards.</summary>
public class ScaleTests
{
    private const double Events = 1e10;
    private const int BookDays = 731 * 3;
    private const double BytesASecond = 125e6;
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, "engine", "docs", "scale.md"));

    [Fact]
    public void EveryNumberFollowsFromTheRates()
    {
        double csv = Rate("csv.gz, B a row"), parquet = Rate("Parquet, B an event"), capture = Rate("capture, B an event");
        double convert = Rate("csv.gz to Parquet, M rows/s") * 1e6, features = Rate("Parquet to features, M events/s") * 1e6;
        double day = Events / BookDays;
        double work = day / convert;
        double travel = day * (csv + parquet) / BytesASecond;
        int fullest = FullestOf(100);
        double fullestSeconds = fullest * (work + travel), all = BookDays * (work + travel);
        double month = (30.5 + 8) * day / features;
        string[] expected =
        [
            Say($"{BookDays:N0} of them, with 10^10 / {BookDays:N0} = {day / 1e6:F2} M events each"),
            Say($"| downloaded csv.gz | {csv} | {Events * csv / 1e9:F0} GB |"),
            Say($"| Parquet lake | {parquet} | {Events * parquet / 1e9:F0} GB |"),
            Say($"| captures, where replays are wanted | {capture} | {Events * capture / 1e9:F0} GB |"),
            Say($"one day's csv.gz and its Parquet file, {day * (csv + parquet) / 1e6:F0} MB,"),
            Say($"{2 * BookDays:N0} files are {2 * BookDays:N0} requests, {2 * BookDays / 3000.0:F1} minutes of the limit"),
            Say($"{Events * csv / 1e9:F0} GB over 1 Gbit/s (125 MB/s) take {Events * csv / BytesASecond:N0} s, over 100 Mbit/s {Events * csv / BytesASecond * 10 / 60:F0} minutes"),
            Say($"are {731 * 144:N0} requests, {731 * 144 / 3000.0 + 0.5:F0} minutes of the limit; in slices of one minute {731 * 1440 / 3000.0 / 60:F1} hours"),
            Say($"10^10 / {convert / 1e6} M = {Events / convert:N0} s, or {Events / convert / 3600:F1} hours. A book day is {day / 1e6:F2} M / {convert / 1e6} M = {work:F2} s of work"),
            Say($"{day * csv / 1e6:F1} MB down and {day * parquet / 1e6:F1} MB up at 125 MB/s are {travel:F2} s, which makes {work + travel:F2} s"),
            Say($"the fullest of 100 workers has {fullest} of {BookDays:N0} book days, where {BookDays / 100.0:F1} would be even. It needs {fullest} × {work + travel:F2} = {fullestSeconds:F0} s; an even share would need {all / 100:F0} s"),
            Say($"| the fullest worker over an even share | {fullestSeconds - all / 100:F0} s |"),
            Say($"{4 * BookDays:N0} files and sidecars are {4 * BookDays / 1000 + 1} requests"),
            Say($"{BookDays:N0} × {work + travel:F2} s = {all:N0} s, over {fullestSeconds:F0} s is {all / fullestSeconds:F0} times faster; with a start of 30 s, {all / (fullestSeconds + 30):F0} times"),
            Say($"10^10 / {features / 1e6} M = {Events / features:N0} s, or {Events / features / 3600:F1} hours"),
            Say($"8 / 30.5 = {8 / 30.5 * 100:F0} % more and take 38.5 × {day / 1e6:F2} M / {features / 1e6} M = {month:F0} s each: {Events / features / month:F0} times faster"),
            Say($"{6 * BookDays:N0} / {fullestSeconds:F0} s = {6 * BookDays / fullestSeconds:F0} a second"),
        ];
        Assert.All(expected, line => Assert.Contains(line, string.Join(' ', Lines), StringComparison.Ordinal));
    }

    private static int FullestOf(int workers)
    {
        var days = new int[workers];
        foreach (string symbol in new[] { "BTC-USD", "ETH-USD", "SOL-USD" })
        {
            for (var day = new DateOnly(2023, 1, 1); day < new DateOnly(2025, 1, 1); day = day.AddDays(1))
            {
                string key = Sharding.PartitionKey("coinbase", "incremental_book_L2", symbol, day);
                days[Enumerable.Range(0, workers).Single(i => Sharding.Parse(Say($"{i}/{workers}")).Owns(key))]++;
            }
        }

        Assert.Equal(BookDays, days.Sum());
        return days.Max();
    }

    private static double Rate(string name) => double.Parse(Lines.Single(line => line.StartsWith($"| {name} |", StringComparison.Ordinal)).Split('|')[2], CultureInfo.InvariantCulture);

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
