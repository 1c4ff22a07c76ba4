using System.IO.Compression;
using System.Text;
using Crpbot.Datasets;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using MarketDataFiles = Crpbot.Testing.MarketData;

namespace Crpbot.Engine.Tests.Datasets.Candles;

public sealed class CandleReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("candles").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("time,open,high,low,close,volume\n1748736000,10,12,9,11,5\n1748736060,11,11,10,10,0\n")]
    [InlineData("\uFEFFTimestamp;Open;High;Low;Close;Volume\r\n1748736000000;10;12;9;11;5\r\n\r\n1748736060000;11;11;10;10;0\r\n")]
    [InlineData("datetime_utc\tHIGH\tLOW\tCLOSE\tOPEN\tVOL\n2025-06-01 00:00\t12\t9\t11\t10\t5\n2025-06-01 00:01\t11\t10\t10\t11\t0")]
    [InlineData("\"Open Time\",\"Open\",\"High\",\"Low\",\"Close\",\"Volume\",\"Close Time\",\"Quote asset volume\",\"Number of trades\",\"Taker buy base asset volume\"\n"
        + "1748736000000000,\"10.0\",12,9,11,5,1748736059999999,55,3,2\n1748736060000000,11,11,10,10,0,1748736119999999,0,0,0\n")]
    [InlineData("https://example.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n1748736000,2025-06-01 00:00:00,BTC/USD,10,12,9,11,5,50\n1748736060,2025-06-01 00:01:00,BTC/USD,11,11,10,10,0,0\n")]
    [InlineData("date,open,high,low,close,volume\n2025-06-01T02:00:00+02:00,10,12,9,11,5\n2025-06-01T02:01:00+0200,11,11,10,10,0\n")]
    [InlineData("date,open,high,low,close,volume\n1748736000.0,10,12,9,11,5\n1.74873606e9,11,11,10,10,0\n")]
    [InlineData("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\n2025.06.01\t00:00:00\t10\t12\t9\t11\t7\t5\n2025.06.01\t00:01:00\t11\t11\t10\t10\t0\t0\n")]
    [InlineData("Gmt time,Open,High,Low,Close,Volume\n01.06.2025 00:00:00.000,10,12,9,11,5\n01.06.2025 00:01:00.000,11,11,10,10,0\n13.06.2025 00:01:00.000,x,11,10,10,0\n")]
    [InlineData("Date;Open;High;Low;Close;Volume\n6/1/2025 12:00 AM;10,0;12,0;9,0;11,0;5,0\n6/1/2025 12:01 AM;11,0;11;10,0;10,0;0\n6/13/2025 12:01 AM;x;11;10,0;10,0;0\n")]
    [InlineData(",open,high,low,close,volume\n2025-06-01 00:00:00+00:00,10,12,9,11,5\n2025-06-01 00:01:00+00:00,11,11,10,10,0\n")]
    [InlineData("timestamp_ns,open,high,low,close,base_volume,quote_volume,\n1748736000000000000,10,12,9,11,5,1,\n1748736060000000000,11,11,10,10,0,1,\n", "timestamp_ns")]
    [InlineData("open,close,close_time,high,low,volume\n10,11,1748736059999,12,9,5\n11,10,1748736119999,11,10,0\n", "close_time")]
    [InlineData("open,close,close_time,high,low,volume\n10,11,1748736060,12,9,5\n11,10,1748736120,11,10,0\n", "close_time")]
    public void ShapesOfTheWorldReadAlike(string text, string? timeColumn = null)
    {
        Assert.Equal(
            [(1748736000L, 10.0, 12.0, 9.0, 11.0, 5.0), (1748736060L, 11.0, 11.0, 10.0, 10.0, 0.0)],
            Read(Write("x.csv", text), CandleFileOptions.Default with { TimeColumn = timeColumn }).Select(Flat));
    }

    [Theory]
    [InlineData("1748736000000,10,11,12,9,5\n1748736060000,11,10,11,10,0\n", "time,open,close,high,low,volume")]
    [InlineData("1748736000000,10,12,9,11,5,1748736059999,55,3,2,1,0\n1748736060000,11,11,10,10,0,1748736119999,0,0,0,0,0\n", "time,open,high,low,close,volume")]
    [InlineData("BTC,1748736000,10,12,9,11,x,5\nBTC,1748736060,11,11,10,10,x,0\n", "-,time,open,high,low,close,-,volume")]
    [InlineData("a,open,b,close,c,d\n1748736000000,10,11,12,9,5\n1748736060000,11,10,11,10,0\n", "time,open,close,high,low,volume")]
    public void NamedColumnsReadAFileWithoutHeader(string text, string columns)
    {
        var options = new CandleFileOptions { Columns = CandleFileOptions.ColumnsOf(columns) };
        Assert.Equal(
            [(1748736000L, 10.0, 12.0, 9.0, 11.0, 5.0), (1748736060L, 11.0, 11.0, 10.0, 10.0, 0.0)], Read(Write("x.csv", text), options).Select(Flat));
    }

    [Theory]
    [InlineData("1748736000000,10,11,12,9,5\n", "line 1: there is no header", "--columns time,open,close,high,low,volume")]
    [InlineData("open_date,o,h,l,volume\n", "line 1: there is no column close")]
    [InlineData("time,open\n1748736000,10\n", "line 1: no header of candles in 'time,open'")]
    [InlineData("a,b,c,d,e,f\n1,2,3,4,5,6\n", "line 1: there is no column open")]
    [InlineData("close_time,open,high,low,close,volume\n1748736059999,1,1,1,1,1\n", "'close_time' is the end of a candle", "--time-column close_time")]
    [InlineData("timestamp,close_time,open,high,low,close,volume\n1748736060000,1748736060000,1,1,1,1,1\n", "'timestamp' and 'close_time' disagree", "--time-column")]
    [InlineData("unix,date,open,high,low,close,volume\n1748736000,2025-06-01 02:00,1,1,1,1,1\n", "'unix' and 'date' disagree", "--time-column")]
    [InlineData("date,open,high,low,close,volume\n01/02/2024,1,1,1,1,1\n01/03/2024,1,1,1,1,1\n", "'01/02/2024' may begin with day or month", "--date-format")]
    [InlineData("time,open,high,low,close,Volume ETH,Volume BTC\n1748736000,1,1,1,1,1,1\n", "which of 'Volume ETH', 'Volume BTC'", "--volume-column")]
    [InlineData("time,open,high,low,close,quote_volume\n1748736000,1,1,1,1,1\n", "no column volume", "--volume-column")]
    [InlineData("time,open,high,low,close,c,volume\n1748736000,1,1,1,1,1,1\n", null)]
    [InlineData("time,open,high,low,close,close,volume\n1748736000,1,1,1,1,1,1\n", "2 columns may be close", "--columns")]
    [InlineData("time,open,high,low,close,volume\u0001\n", "this is no CSV text")]
    public void WhatCanBeReadInTwoWaysIsRefusedWithTheChoice(string text, string? what, string choice = "")
    {
        string path = Write("x.csv", text);
        if (what is null)
        {
            Assert.Single(Read(path));
            return;
        }

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Read(path));
        Assert.StartsWith($"{path}: line 1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(choice, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChoicesDecide()
    {
        string dates = Write("d.csv", "date,open,high,low,close,volume\n01/02/2024,1,1,1,1,1\n");
        Assert.Equal(new DateTime(2024, 2, 1), Read(dates, new() { DateFormat = "dd/MM/yyyy" })[0].Time.ToDateTime());
        Assert.Equal(new DateTime(2024, 1, 2), Read(dates, new() { DateFormat = "M/D/Y" })[0].Time.ToDateTime());
        string volumes = Write("v.csv", "time,open,high,low,close,Volume ETH,Volume BTC\n1748736000,1,1,1,1,3,4\n");
        Assert.Equal(4, Read(volumes, new() { VolumeColumn = "volume btc" })[0].Volume);
        Assert.Equal(3, Read(volumes, new() { Symbol = "ETHBTC" })[0].Volume);
        string symbols = Write("s.csv", "symbol,time,open,high,low,close,volume\nBTC-USD,1748736000,1,1,1,1,3\nETH-USD,1748736000,1,1,1,1,4\n");
        Assert.Equal(4, Assert.Single(Read(symbols, new() { Symbol = "ETH-USD" })).Volume);
        Assert.Contains("--symbol", Assert.Throws<InvalidDataException>(() => Read(symbols)).Message, StringComparison.Ordinal);
        Assert.Contains("BTC-USD", Assert.Throws<InvalidDataException>(() => Read(symbols, new() { Symbol = "SOL-USD" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADayAbove12DecidesWhereverItStands()
    {
        // Minutes of the first twelve days of January, day first, and one of the thirteenth.
        IEnumerable<string> rows = Enumerable.Range(0, 12 * 1440 + 1).Select(i => $"{new DateTime(2024, 1, 1).AddMinutes(i):dd/MM/yyyy HH:mm},1,1,1,1,1");
        List<CandleRow> read = Read(Write("x.csv", "date,open,high,low,close,volume\n" + string.Join('\n', rows)));
        Assert.Equal((12 * 1440 + 1, new DateTime(2024, 1, 13)), (read.Count, read[^1].Time.ToDateTime()));
        Assert.Equal(new DateTime(2024, 1, 2), read[1440].Time.ToDateTime());
    }

    [Fact]
    public void IntervalIsTheMostFrequentStepOrTheGivenOne()
    {
        var text = new StringBuilder("time,open,high,low,close,volume\n");
        foreach (int minute in (int[])[60, 55, 50, 30, 25, 5])
            text.Append(1748736000 + minute * 60).Append(",1,1,1,1,1\n");
        string path = Write("x.csv", text.ToString());
        using CandleReader found = CandleReader.Open(path, CandleFileOptions.Default);
        Assert.Equal((5 * UnixNanos.PerMinute, IntervalSource.Found, true), (found.Shape.Interval, found.Shape.IntervalSource, found.Shape.IsNewestFirst));
        using CandleReader given = CandleReader.Open(path, new() { Interval = CandleInterval.Parse("1m") });
        Assert.Equal((UnixNanos.PerMinute, IntervalSource.Given), (given.Shape.Interval, given.Shape.IntervalSource));
    }

    [Fact]
    public void RowsThatCannotBeReadAreNamedAndReadingGoesOn()
    {
        string path = Write("x.csv", "time,open,high,low,close,volume\nsoon,1,1,1,1,1\n1748736000,1,1,,1,1\n1748736060,1,1,1,1,NaN\n1748736120,1\n1748736180,1,1,1,1,1,1\n1748736240,1,1,1,1,1\n");
        using CandleReader reader = CandleReader.Open(path, CandleFileOptions.Default);
        var seen = new List<(long, string, long)>();
        CandleRow row;
        while (reader.Read(out row) == CandleReadStatus.Damaged)
            seen.Add((reader.Damage.Line, reader.Damage.Field, reader.Damage.Time.Value / UnixNanos.PerSecond));
        Assert.Equal([(2, "time", 0), (3, "low", 1748736000), (4, "volume", 1748736060), (5, "", 0), (6, "", 0)], seen);
        Assert.Equal(7, row.Line);
        Assert.Equal(CandleReadStatus.End, reader.Read(out _));
        Assert.False(reader.IsTruncated || reader.IsCorrupt);
    }

    [Fact]
    public void AFileThatBreaksOffOrIsCorruptIsSeen()
    {
        var text = new StringBuilder("time,open,high,low,close,volume\n");
        var noise = new Random(1);
        for (int i = 0; i < 20_000; i++)
            text.Append(1748736000 + i * 60).Append(",1,1,1,1,").Append(noise.NextInt64()).Append('\n');
        byte[] whole = Gzip(text.ToString());
        string cut = Path.Combine(_folder, "cut.csv.gz"), damaged = Path.Combine(_folder, "damaged.csv.gz"), row = Write("row.csv", "time,open,high,low,close,volume\n1748736000,1,1,1,1,1\n174873606");
        File.WriteAllBytes(cut, whole[..(whole.Length / 2)]);
        whole[^6] ^= 1;
        File.WriteAllBytes(damaged, whole);
        Assert.Equal((true, false), Broken(cut, out long cutRows));
        Assert.InRange(cutRows, 5_000, 15_000);
        Assert.Equal((false, true), Broken(damaged, out _));
        Assert.Equal((true, false), Broken(row, out long rows));
        Assert.Equal(1, rows);
    }

    [Fact]
    public void AZipOfOneFileReadsWithLeansClock()
    {
        string lean = Zip("20250601_trade.zip", ("20250601_btcusd_minute_trade.csv", "0,10,12,9,11,5\n60000,11,11,10,10,0\n"));
        Assert.Equal([(1748736000L, 10.0, 12.0, 9.0, 11.0, 5.0), (1748736060L, 11.0, 11.0, 10.0, 10.0, 0.0)], Read(lean).Select(Flat));
        string plain = Zip("x.zip", ("BTCUSDT-1m.csv", "time,open,high,low,close,volume\n1748736000,10,12,9,11,5\n"));
        Assert.Equal(11, Assert.Single(Read(plain)).Close);
        Assert.Contains("quotes", Assert.Throws<InvalidDataException>(() => Read(Zip("20250601_quote.zip", ("20250601_quote.csv", "0,1\n")))).Message, StringComparison.Ordinal);
        Assert.Contains("2 files", Assert.Throws<InvalidDataException>(() => Read(Zip("two.zip", ("a.csv", ""), ("b.csv", "")))).Message, StringComparison.Ordinal);
    }

    [MarketDataTheory("lean-crypto", "bitfinex-1m", "coinbase-1h", "binance-candles")]
    [InlineData("lean-crypto/coinbase/minute/btcusd/20161007_trade.zip", 1419, "1m", null)]
    [InlineData("lean-crypto/coinbase/second/btcusd/20161008_trade.zip", 3453, "1s", null)]
    [InlineData("bitfinex-1m/bitfinex_ETHUSD_1m_2017.csv.gz", 414_314, "1m", "time,open,close,high,low,volume")]
    [InlineData("coinbase-1h/BTC-USD_hour.csv.gz", 10_200, "1h", null)]
    [InlineData("binance-candles/obseries/SOL_USDT-3m.csv.gz", 145_973, "3m", null)]
    [InlineData("binance-candles/lucaforni/BTC_USDT-5m.csv.gz", 121_739, "5m", null)]
    public void RealFilesReadWhole(string file, long rows, string interval, string? columns)
    {
        using CandleReader reader = CandleReader.Open(MarketDataFiles.Path(file), new() { Columns = CandleFileOptions.ColumnsOf(columns) });
        while (reader.Read(out CandleRow row) is not CandleReadStatus.End and var status)
            Assert.True(status == CandleReadStatus.Candle && row.IsPossible, reader.Damage.ToString());
        Assert.Equal((rows, interval, false, false), (reader.Rows, CandleInterval.Format(reader.Shape.Interval), reader.IsTruncated, reader.IsCorrupt));
    }

    private static (long, double, double, double, double, double) Flat(CandleRow row) =>
        (row.Time.Value / UnixNanos.PerSecond, row.Open, row.High, row.Low, row.Close, row.Volume);

    private static List<CandleRow> Read(string path, CandleFileOptions? options = null)
    {
        using CandleReader reader = CandleReader.Open(path, options ?? CandleFileOptions.Default);
        var rows = new List<CandleRow>();
        while (reader.Read(out CandleRow row) is not CandleReadStatus.End and var status)
        {
            if (status == CandleReadStatus.Candle)
                rows.Add(row);
        }

        return rows;
    }

    private static (bool, bool) Broken(string path, out long rows)
    {
        using CandleReader reader = CandleReader.Open(path, CandleFileOptions.Default);
        while (reader.Read(out _) == CandleReadStatus.Candle)
        {
        }

        rows = reader.Rows;
        return (reader.IsTruncated, reader.IsCorrupt);
    }

    private static byte[] Gzip(string text)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private string Zip(string name, params (string Name, string Text)[] entries)
    {
        string path = Path.Combine(_folder, name);
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string entry, string text) in entries)
        {
            using Stream content = archive.CreateEntry(entry).Open();
            content.Write(Encoding.UTF8.GetBytes(text));
        }

        return path;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
