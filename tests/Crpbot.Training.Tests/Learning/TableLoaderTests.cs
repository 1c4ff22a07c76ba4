using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Training.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Learning;

public sealed class TableLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-").FullName;

    [Fact]
    public void AFolderOfPartsLoadsLikeOneFile()
    {
        string file = Path.Combine(_folder, "all.parquet"), parts = Path.Combine(_folder, "parts");
        using (FeatureDatasetOutput output = FeatureDatasetOutput.ToFile(file, "test"))
            Build(output);
        using (FeatureDatasetOutput output = FeatureDatasetOutput.ToFolder(parts, "test", BarRange.All))
            Build(output);
        TrainingTable one = TableLoader.Load([file], FeatureSchema.CandleNames, 5), two = TableLoader.Load([parts], FeatureSchema.CandleNames, 5);
        Assert.Equal(["x:A", "x:B"], one.Symbols.Select(symbol => symbol.Symbol));
        Assert.Equal(one.Symbols.Select(symbol => symbol.Symbol), two.Symbols.Select(symbol => symbol.Symbol));
        Assert.NotEqual(one.Sha256, two.Sha256);
        for (int s = 0; s < 2; s++)
        {
            Assert.Equal(400, two.Symbols[s].Count);
            Assert.Equal(one.Symbols[s].Inputs, two.Symbols[s].Inputs);
            Assert.Equal(one.Symbols[s].OpenTime, two.Symbols[s].OpenTime);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Build(FeatureDatasetOutput output)
    {
        FeatureDatasetBuild.Run([new CandleRowSource(Candles("x:A", 100), BarRange.All), new CandleRowSource(Candles("x:B", 7), BarRange.All)], output, new FeatureBuildReport());
        output.Commit();
    }

    private static CandleSeries Candles(string symbol, double price)
    {
        UnixNanos start = UnixNanos.FromDateTime(new DateTime(2026, 2, 3, 0, 0, 0, DateTimeKind.Utc));
        double[] Column(Func<int, double> of) => [.. Enumerable.Range(0, 400).Select(of)];
        double Close(int minute) => price * (1 + 0.01 * Math.Sin(minute));
        return new CandleSeries(symbol, [.. Enumerable.Range(0, 400).Select(m => start + m * UnixNanos.PerMinute)],
            Column(Close), Column(m => Close(m) * 1.001), Column(m => Close(m) * 0.999), Column(Close), Column(m => 1 + m % 7));
    }
}
