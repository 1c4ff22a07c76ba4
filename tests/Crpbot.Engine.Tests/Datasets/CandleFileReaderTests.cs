using System.IO.Compression;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using MarketDataFiles = Crpbot.Testing.MarketData;

namespace Crpbot.Engine.Tests.Datasets;

public class CandleFileReaderTests
{
    private const string OldestFirst = "time,open,high,low,close,volume\n2025-06-01 00:00:00,10,12,9,11,5\n2025-06-01T00:01:00Z,11,11,10,10,0\n";

    [Theory]
    [InlineData(OldestFirst)]
    [InlineData("Time,Low,High,Open,Close,Volume\n2025-06-01 00:01:00,10,11,11,10,0\n2025-06-01 00:00:00,9,12,10,11,5\n")]
    [InlineData("volume,close,low,high,open,trades,timestamp\r\n5,11,9,12,10,x,1748736000\r\n0,10,10,11,11,y,1748736060\r\n")]
    [InlineData("open_time,o,h,l,c,v\n1748736000000,10,12,9,11,5\n\n1748736060000,11,11,10,10,0\n")]
    [InlineData("date,open,high,low,close,volume\n2025-06-01T02:00:00+02:00,10,12,9,11,5e0\n1748736060000000000,11,11,10,10,0\n")]
    public void ColumnsRowsAndTimesOfAnyOrderReadAlike(string text)
    {
        string path = Write(text);
        CandleSeries candles = CandleFileReader.Read(path, "X");
        Assert.Equal([1748736000L, 1748736060L], candles.Times.Select(t => t.Value / UnixNanos.PerSecond));
        Assert.Equal([10.0, 11], candles.Open);
        Assert.Equal([12.0, 11], candles.High);
        Assert.Equal([9.0, 10], candles.Low);
        Assert.Equal([11.0, 10], candles.Close);
        Assert.Equal([5.0, 0], candles.Volume);
        File.Delete(path);
    }

    [Fact]
    public void GzipIsSeenByItsContent()
    {
        string path = Path.GetTempFileName();
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(OldestFirst));
        Assert.Equal(2, CandleFileReader.Read(path).Count);
        byte[] whole = File.ReadAllBytes(path);
        whole[^6] ^= 1;
        File.WriteAllBytes(path, whole);
        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => CandleFileReader.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Theory]
    [InlineData("", "line 1: the file is empty")]
    [InlineData("time,open,high,low,close\n", "line 1: there is no column volume")]
    [InlineData("time,open,high,low,close,volume\nsoon,1,1,1,1,1\n", "line 2: time is 'soon'")]
    [InlineData("time,open,high,low,close,volume\n1748736001,1,1,1,1,1\n", "line 2: time is '2025-06-01T00:00:01.000000000Z', expected a whole minute")]
    [InlineData("time,open,high,low,close,volume\n1748736000,1,1,x,1,1\n", "line 2: low is 'x'")]
    [InlineData("time,open,high,low,close,volume\n1748736000,1,1,1,1\n", "line 2: 5 fields")]
    [InlineData("time,open,high,low,close,volume\n1748736000,1,1,2,1,1\n", "line 2: low 2")]
    [InlineData("time,open,high,low,close,volume\n1748736000,1,1,1,1,NaN\n", "line 2: volume is 'NaN'")]
    [InlineData("time,open,high,low,close,volume\n1748736000,1,1,1,1,1\n1748736000,1,1,1,1,1\n", "line 3: a second candle")]
    public void DamageIsNamedByFileLineAndField(string text, string expected)
    {
        string path = Write(text);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => CandleFileReader.Read(path));
        Assert.StartsWith($"{path}: {expected}", refusal.Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [MarketDataFact("coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz")]
    public void CoinbaseMinutesReadWholeAndKeepTheirTwoHoles()
    {
        CandleSeries candles = CandleFileReader.Read(MarketDataFiles.Path("coinbase-1m/SOL-USD_1m_2023-11-25_2023-12-22.csv.gz"));
        Assert.Equal(("SOL-USD", 39_810), (candles.Symbol, candles.Count));
        Assert.Equal(2, candles.Times.Zip(candles.Times.Skip(1)).Count(pair => pair.Second - pair.First == 2 * UnixNanos.PerMinute));
        InputRows rows = CandleFeatureRows.FromCandles(candles);
        Assert.Equal(2, rows.Flags.Count(f => (f & FeatureRowFlags.AfterGap) != 0));
        Assert.InRange(rows.Flags.Count(f => (f & FeatureRowFlags.Warmup) != 0), FeatureSchema.WarmupBars - 1, FeatureSchema.WarmupBars);
        Assert.True(rows.Inputs.AsSpan(400 * FeatureSchema.Count, FeatureSchema.CandleCount).IndexOf(double.NaN) < 0);
        Assert.True(double.IsNaN(rows.Inputs[400 * FeatureSchema.Count + FeatureSchema.CandleCount]));
    }

    private static string Write(string text)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        return path;
    }
}
