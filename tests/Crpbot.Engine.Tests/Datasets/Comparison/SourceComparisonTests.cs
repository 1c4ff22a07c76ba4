using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Comparison;
using Crpbot.Engine.Tests.Datasets.Candles;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using MarketDataFiles = Crpbot.Testing.MarketData;

namespace Crpbot.Engine.Tests.Datasets.Comparison;

public sealed class SourceComparisonTests : IDisposable
{
    private const double Tolerance = 1e-9;
    private readonly string _folder = Directory.CreateTempSubdirectory("compare").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("1h", 1)]
    [InlineData("8h", -1)]
    [InlineData("1m", 1)]
    [InlineData("330m", 1)]
    [InlineData("24h", -1)]
    public void AShiftedClockIsFoundAndTheCandlesMatchedThroughIt(string shift, int sign)
    {
        long nanos = sign * CandleInterval.Parse(shift);
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 3_000);
        SourceComparison comparison = Compare(rows, [.. rows.Select(row => row with { Time = row.Time + nanos })]);
        Assert.Equal(nanos, comparison.Offset.OffsetNanos);
        Assert.Equal((3_000, 0L, 0L, 0L), (comparison.Matches.Count, comparison.Differing, comparison.MissingInA, comparison.MissingInB));
        Assert.False(comparison.AreEqual);
        Assert.Equal(rows[0].Time, comparison.From);
    }

    [Fact]
    public void EqualSourcesAreEqual()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(1), 500);
        SourceComparison comparison = Compare(rows, rows);
        Assert.True(comparison.AreEqual);
        Assert.Equal((0L, 500), (comparison.Offset.OffsetNanos, comparison.Matches.Count));
        Assert.Equal((1.0, 1.0), (comparison.PriceRatio, comparison.VolumeRatio));
    }

    [Fact]
    public void NothingIsClaimedOfClocksWhereReturnsTellNothing()
    {
        List<CandleRow> walk = CandleScript.Walk(new Random(1), 3_000), other = CandleScript.Walk(new Random(2), 3_000);
        List<CandleRow> flat = [.. walk.Select(row => row with { Open = 100, High = 100, Low = 100, Close = 100 })];
        foreach (SourceComparison comparison in (SourceComparison[])[Compare(walk, other), Compare(flat, flat), Compare(walk[..20], walk[..20])])
        {
            Assert.Null(comparison.Offset.OffsetNanos);
            Assert.Contains("no", comparison.Offset.Evidence, StringComparison.Ordinal);
        }

        // Unknown clocks do not make equal values unequal.
        Assert.True(Compare(flat, flat).AreEqual);
    }

    [Fact]
    public void PlantedDifferencesAreCountedExactly()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            List<CandleRow> a = CandleScript.Walk(random, 1_000), b = [.. a];
            int[] touched = [.. Enumerable.Range(5, 990).OrderBy(_ => random.Next()).Take(60)];
            foreach (int i in touched[..10])
                b[i] = b[i] with { Close = b[i].Low, Open = b[i].Open };
            foreach (int i in touched[10..25])
                b[i] = b[i] with { Volume = b[i].Volume * 1.5 };
            HashSet<UnixNanos> notInA = [.. touched[25..32].Select(i => a[i].Time)], notInB = [.. touched[32..60].Select(i => a[i].Time)];
            long closes = touched[..10].LongCount(i => a[i].Close != a[i].Low);
            SourceComparison comparison = Compare([.. a.Where(row => !notInA.Contains(row.Time))], [.. b.Where(row => !notInB.Contains(row.Time))]);
            Assert.Equal((965, 7L, 28L, closes + 15), (comparison.Matches.Count, comparison.MissingInA, comparison.MissingInB, comparison.Differing));
            FieldDifference close = comparison.Fields.Single(field => field.Name == "close"), volume = comparison.Fields.Single(field => field.Name == "volume");
            Assert.Equal((closes, 15L, 0.0, 0.0), (close.Differing, volume.Differing, close.MedianRelative, volume.MedianRelative));
            Assert.Equal(1 / 3.0, volume.MaxRelative, 1e-6);
            Assert.Equal(a[touched[10..25].Min()].Time, volume.FirstTime);
            Assert.Equal((7.0, 28.0, 4.0), (comparison.Missing.A, comparison.Missing.B, comparison.Missing.Times!.Value));
        }
    }

    [Fact]
    public void TheFinerSourceIsPutTogetherToTheCoarser()
    {
        List<CandleRow> minutes = CandleScript.Walk(new Random(3), 1_000);
        List<CandleRow> fives =
        [
            .. minutes.Chunk(5).Select(five => five[0] with
            {
                High = five.Max(row => row.High), Low = five.Min(row => row.Low), Close = five[^1].Close, Volume = Math.Round(five.Sum(row => row.Volume), 8),
            }),
        ];
        SourceComparison comparison = Compare(minutes[3..^1], fives);
        Assert.True(comparison.AreEqual, JsonSerializer.Serialize(comparison.Fields));
        // The first and the last five minutes are not whole in A.
        Assert.Equal((5 * UnixNanos.PerMinute, 198), (comparison.Interval, comparison.Matches.Count));
        Assert.Throws<InvalidDataException>(() => Compare(minutes, fives, CandleInterval.Parse("1m")));
        Assert.Equal(15 * UnixNanos.PerMinute, Compare(CandleScript.Walk(new Random(3), 500, CandleInterval.Parse("3m")), fives).Interval);
    }

    [Fact]
    public void SourcesWithoutCommonTimeAreRefused()
    {
        List<CandleRow> rows = CandleScript.Walk(new Random(3), 100);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Compare(rows, [.. rows.Select(row => row with { Time = row.Time + 9 * UnixNanos.PerDay })]));
        Assert.Contains("no time in common", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CandlesOfTradesEqualTheVenuesOwn()
    {
        var random = new Random(5);
        List<(long Time, long Id, string Side, decimal Price, decimal Quantity)> trades = Trades(random, 4_000);
        var rows = new List<CandleRow>();
        foreach (IGrouping<long, (long Time, long Id, string Side, decimal Price, decimal Quantity)> minute in trades.GroupBy(trade => trade.Time / UnixNanos.PerMinute))
        {
            rows.Add(new CandleRow(0, new(minute.Key * UnixNanos.PerMinute), CandleTimeForm.Text, (double)minute.First().Price, (double)minute.Max(t => t.Price),
                (double)minute.Min(t => t.Price), (double)minute.Last().Price, (double)minute.Sum(t => t.Quantity)));
        }

        ComparedSource a = OfTrades("a.csv", trades), b = OfCandles("b.csv", rows);
        SourceComparison comparison = SourceComparison.Of(a, b, null, Tolerance);
        Assert.True(comparison.AreEqual, ComparisonReport.ToJson(comparison));
        // Minutes without trades are in neither; the cut minutes at both ends are left out.
        Assert.True(a.Candles.Missing > 0);
        Assert.Equal(rows.Count - 2, comparison.Matches.Count);
        Assert.Equal(["single trades", "trade side", "receive time beside exchange time"], ComparisonReport.Only(a, b));
        Assert.True(comparison.Detail.Times > 1);
    }

    [Fact]
    public void TradesAreFoundAgainByTheirIds()
    {
        var random = new Random(6);
        List<(long Time, long Id, string Side, decimal Price, decimal Quantity)> trades = Trades(random, 2_000);
        List<(long Time, long Id, string Side, decimal Price, decimal Quantity)> other = [.. trades];
        other[700] = other[700] with { Price = other[700].Price + 0.01m };
        other[900] = other[900] with { Side = other[900].Side == "buy" ? "sell" : "buy" };
        other.RemoveRange(1_000, 3);
        TradeDifference difference = SourceComparison.Of(OfTrades("a.csv", [.. trades.Where((_, i) => i != 500)]), OfTrades("b.csv", other), null, Tolerance).Trades!;
        Assert.Equal((1_996L, 1L, 3L, 2L), (difference.Matched, difference.MissingInA, difference.MissingInB, difference.Differing));
        Assert.Contains($"trade {trades[700].Id}", difference.Example, StringComparison.Ordinal);
    }

    [MarketDataTheory("binance-candles", "lean-crypto", "bitfinex-1m")]
    [InlineData("binance-candles/Benicio1007/2023/BTCUSDT_1m.csv.gz", "binance-candles/lucaforni/BTC_USDT-5m.csv.gz", 9_399, true)]
    [InlineData("binance-candles/obseries/BTC_USDT-3m.csv.gz", "binance-candles/lucaforni/BTC_USDT-5m.csv.gz", 28_868, true)]
    [InlineData("lean-crypto/coinbase/minute/btcusd/20161007_trade.zip", "lean-crypto/coinbase/second/btcusd/20161007_trade.zip", 1_417, true)]
    [InlineData("lean-crypto/coinbase/minute/btcusd/20180405_trade.zip", "bitfinex-1m/bitfinex_BTCUSD_1m_2018.csv.gz", 1_440, false, "time,open,close,high,low,volume")]
    public void RealSourcesAgreeWhereTheyAreOfOneVenue(string a, string b, int matched, bool areEqual, string? columnsOfB = null)
    {
        SourceComparison comparison = SourceComparison.Of(
            ComparedSource.OfCandleFile("a", MarketDataFiles.Path(a), CandleFileOptions.Default, null, null),
            ComparedSource.OfCandleFile("b", MarketDataFiles.Path(b), new() { Columns = CandleFileOptions.ColumnsOf(columnsOfB) }, null, null), null, Tolerance);
        Assert.Equal((0L, matched, areEqual), (comparison.Offset.OffsetNanos, comparison.Matches.Count, comparison.AreEqual));
        Assert.InRange(comparison.PriceRatio, 0.999, 1.001);
    }

    private static List<(long Time, long Id, string Side, decimal Price, decimal Quantity)> Trades(Random random, int count)
    {
        var trades = new List<(long, long, string, decimal, decimal)>();
        long time = CandleScript.Start.Value + 17 * UnixNanos.PerSecond;
        decimal price = 30_000;
        for (int i = 0; i < count; i++)
        {
            time += random.Next(100) == 0 ? 150 * UnixNanos.PerSecond : random.NextInt64(3 * UnixNanos.PerSecond) / 1000 * 1000;
            price += random.Next(-300, 301) / 100m;
            trades.Add((time, 1_000 + i, random.Next(2) == 0 ? "buy" : "sell", price, random.Next(1, 1_000_000) / 100_000_000m));
        }

        return trades;
    }

    private static SourceComparison Of(ComparedSource a, ComparedSource b, long? interval) => SourceComparison.Of(a, b, interval, Tolerance);

    private SourceComparison Compare(IReadOnlyList<CandleRow> a, IReadOnlyList<CandleRow> b, long? interval = null) => Of(OfCandles("a.csv", a), OfCandles("b.csv", b), interval);

    private ComparedSource OfCandles(string name, IReadOnlyList<CandleRow> rows)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllLines(path, ["time,open,high,low,close,volume", .. rows.Select(row => CandleScript.Line(row))]);
        return ComparedSource.OfCandleFile(name, path, CandleFileOptions.Default, null, null);
    }

    private ComparedSource OfTrades(string name, IReadOnlyList<(long Time, long Id, string Side, decimal Price, decimal Quantity)> trades)
    {
        string path = Path.Combine(_folder, name);
        var text = new StringBuilder("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n");
        foreach ((long time, long id, string side, decimal price, decimal quantity) in trades)
            text.Append(CultureInfo.InvariantCulture, $"coinbase,BTC-USD,{time / 1000},{time / 1000 + 20_000},{id},{side},{price},{quantity}\n");
        File.WriteAllText(path, text.ToString());
        using var reader = new CsvMarketReader(path, new TardisCsvOptions(), new InstrumentTable(), new TextIdTable(), ReadRange.All, new DamageLog(strict: true));
        return TradeCandles.Read(name, reader, null, null);
    }
}
