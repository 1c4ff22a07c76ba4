using System.Globalization;
using System.IO.Compression;
using System.Text;
using Crpbot.Datasets;
using Crpbot.Messages;

namespace Crpbot.Pipeline.Tests.Lake;

/// <summary>Downloads of two days around a leap day: BTC with book and trades, SOL with trades only; prices of two different scales.</summary>
internal static class TwoDayLake
{
    public static readonly DateOnly First = new(2024, 2, 28);
    public static readonly DateOnly Second = new(2024, 2, 29);

    /// <returns>Rows of trades.</returns>
    public static int Fill(string lake)
    {
        int rows = 0;
        foreach (DateOnly day in new[] { First, Second })
        {
            rows += Trades(lake, "binance", "BTCUSDT", day, decimals: 2, seed: day.DayNumber);
            rows += Trades(lake, "binance", "SOLUSDT", day, decimals: 4, seed: day.DayNumber + 1);
            Write(lake, "binance", "incremental_book_L2", "BTCUSDT", day, "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n" + string.Concat(
                Enumerable.Range(0, 500).Select(i => Invariant($"binance,BTCUSDT,{Micros(day) + i * 1000L},{Micros(day) + i * 1000L + 400},{(i < 20 ? "true" : "false")},{(i % 2 == 0 ? "bid" : "ask")},{(i % 2 == 0 ? 100 : 200) + i % 10}.5,{i % 3}.25\n"))));
        }

        return rows;
    }

    /// <summary>About seventy minutes of trades that arrive 2 ms after they happened.</summary>
    private static int Trades(string lake, string venue, string symbol, DateOnly day, int decimals, int seed)
    {
        var random = new Random(seed);
        var csv = new StringBuilder("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n");
        long time = Micros(day) + 30_000_000;
        int count = 4_000;
        for (int i = 0; i < count; i++)
        {
            time += random.Next(0, 2_100_000);
            decimal price = 100 + random.Next(0, 1_000_000) / (decimal)Math.Pow(10, decimals);
            csv.Append(Invariant($"{venue},{symbol},{time},{time + 2_000},{seed + i},{(random.Next(2) == 0 ? "buy" : "sell")},{price},{random.Next(1, 1_000_000)}e-8\n"));
        }

        Write(lake, venue, "trades", symbol, day, csv.ToString());
        return count;
    }

    private static void Write(string lake, string venue, string type, string symbol, DateOnly day, string csv)
    {
        string path = Path.Combine(lake, RawLake.DatasetPath(venue, type, symbol, day));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(csv));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static long Micros(DateOnly day) => UnixNanos.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)).Value / 1000;
}
