using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets;

public class FeatureDatasetTests
{
    private static readonly UnixNanos Start = UnixNanos.FromDateTime(new DateTime(2026, 2, 3, 0, 0, 0, DateTimeKind.Utc));

    [Fact]
    public void EveryColumnComesBackToTheBit()
    {
        string path = Path.GetTempFileName();
        var random = new Random(1);
        var written = new List<FeatureRow>();
        using (var writer = new FeatureDatasetWriter(path, "a test", trueHorizonBars: 5))
        {
            for (int n = 0; n < 70_000; n++)
            {
                var row = new FeatureRow { Flags = (FeatureRowFlags)random.Next(16) };
                row.Bar.OpenTime = Start + n * UnixNanos.PerMinute;
                for (int i = 0; i < FeatureSchema.Count; i += 7)
                {
                    row.Values[i] = random.NextDouble() * 1e5;
                    row.Reasons[i] = MissingReason.Present;
                }

                if (n % 1_000 == 0)
                    written.Add(row);
                writer.Write(n % 2 == 0 ? "coinbase:BTC-USD" : "coinbase:ETH-USD", row, n, double.NaN, n / 70_000.0);
            }

            writer.Close();
            Assert.Equal(70_000, writer.Rows);
        }

        FeatureDataset read = FeatureDatasetReader.Read(path);
        Assert.Equal((70_000, 5, "a test"), (read.Count, read.TrueHorizonBars, read.Source));
        for (int k = 0; k < written.Count; k++)
        {
            int n = k * 1_000;
            Assert.Equal((written[k].Bar.OpenTime, "coinbase:BTC-USD", written[k].Flags), (read.Times[n], read.Symbols[n], read.Flags[n]));
            Assert.Equal((n, double.NaN, n / 70_000.0), (read.EndBid[n], read.EndAsk[n], read.TrueProbabilityUp![n]));
            for (int i = 0; i < FeatureSchema.Count; i++)
            {
                Assert.Equal(BitConverter.DoubleToInt64Bits(written[k].Values[i]), BitConverter.DoubleToInt64Bits(read.Values[i][n]));
                Assert.Equal((byte)written[k].Reasons[i], read.Missing[i][n]);
            }
        }

        Assert.Same(read.Values[FeatureIndex.Close], read.Close);
        File.Delete(path);
    }

    [Fact]
    public void ADatasetWithoutTruthSaysSo()
    {
        string path = Path.GetTempFileName();
        using (var writer = new FeatureDatasetWriter(path, "empty"))
            writer.Close();
        FeatureDataset read = FeatureDatasetReader.Read(path);
        Assert.Equal((0, 0), (read.Count, read.TrueHorizonBars));
        Assert.Null(read.TrueProbabilityUp);
        File.Delete(path);
    }

    [Fact]
    public void AFileThatIsNoDatasetIsRefusedByName()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "time,open\n");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => FeatureDatasetReader.Read(path)).Message, StringComparison.Ordinal);
        using (var file = new ParquetSharp.ParquetFileWriter(path, [new ParquetSharp.Column<long>("time")]))
            file.Close();
        Assert.Contains("crpbot.schema_version", Assert.Throws<InvalidDataException>(() => FeatureDatasetReader.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Throws<FileNotFoundException>(() => FeatureDatasetReader.Read(path));
    }

    [Fact]
    public void CandleInputsRecomputedFromValuesEqualTheStreamToTheBit()
    {
        string path = Path.GetTempFileName();
        var random = new Random(4);
        var engines = new[] { new CandleFeatures(), new CandleFeatures() };
        var expected = new[] { new List<double>(), new List<double>() };
        double[] price = [100, 7];
        using (var writer = new FeatureDatasetWriter(path, "walk"))
        {
            UnixNanos time = Start;
            var row = new FeatureRow();
            for (int n = 0; n < 4_000; n++)
            {
                time += UnixNanos.PerMinute * (random.Next(300) == 0 ? random.Next(2, 10) : 1);
                for (int s = 0; s < 2; s++)
                {
                    double open = price[s];
                    double close = price[s] *= Math.Exp((random.NextDouble() - 0.5) * 0.002);
                    double high = Math.Max(open, close) * (1 + random.NextDouble() * 1e-3), low = Math.Min(open, close) * (1 - random.NextDouble() * 1e-3);
                    row.Clear();
                    row.Bar.OpenTime = time;
                    Assert.True(engines[s].Apply(open, high, low, close, random.Next(5), time, row.Values, row.Inputs, row.Reasons));
                    row.Flags = engines[s].Flags;
                    expected[s].AddRange(row.Inputs[..FeatureSchema.CandleCount].ToArray());
                    writer.Write(s == 0 ? "A" : "B", row, open, close);
                }
            }

            writer.Close();
        }

        IReadOnlyList<InputRows> recomputed = FeatureInputs.FromValues(FeatureDatasetReader.Read(path));
        Assert.Equal(["A", "B"], recomputed.Select(r => r.Symbol));
        for (int s = 0; s < 2; s++)
        {
            for (int n = 0; n < 4_000; n++)
            {
                for (int i = 0; i < FeatureSchema.CandleCount; i++)
                {
                    Assert.Equal(
                        BitConverter.DoubleToInt64Bits(expected[s][n * FeatureSchema.CandleCount + i]),
                        BitConverter.DoubleToInt64Bits(recomputed[s].Inputs[n * FeatureSchema.Count + i]));
                }
            }
        }

        File.Delete(path);
    }
}
