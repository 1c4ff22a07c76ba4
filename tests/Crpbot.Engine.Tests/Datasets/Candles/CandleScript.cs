using System.Globalization;
using System.IO.Compression;
using System.Text;
using Crpbot.Datasets;
using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Datasets.Candles;

/// <summary>Random candles, and files that write them in the many ways there are.</summary>
internal static class CandleScript
{
    public static readonly UnixNanos Start = UnixNanos.FromDateTime(new DateTime(2024, 3, 4, 0, 0, 0, DateTimeKind.Utc));

    /// <summary>A walk without holes; prices of two decimals, volumes of eight.</summary>
    public static List<CandleRow> Walk(Random random, int count, long interval = UnixNanos.PerMinute, UnixNanos? start = null)
    {
        var rows = new List<CandleRow>();
        double price = 20_000 + random.Next(20_000);
        for (int i = 0; i < count; i++)
        {
            double open = Math.Round(price, 2);
            price *= 1 + (random.NextDouble() - 0.5) * 0.002;
            double close = Math.Round(price, 2);
            double high = Math.Round(Math.Max(open, close) * (1 + random.NextDouble() * 0.0005), 2), low = Math.Round(Math.Min(open, close) * (1 - random.NextDouble() * 0.0005), 2);
            rows.Add(new CandleRow(0, (start ?? Start) + i * interval, CandleTimeForm.Text, open, high, low, close, Math.Round(0.1 + random.NextDouble() * 10, 8)));
        }

        return rows;
    }

    /// <summary>One row in the columns time,open,high,low,close,volume, the time in seconds.</summary>
    public static string Line(in CandleRow row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Time.Value / UnixNanos.PerSecond},{row.Open},{row.High},{row.Low},{row.Close},{row.Volume}");

    /// <summary>Writes a file of a shape that the random numbers choose; returns what the reader must be told.</summary>
    public static CandleFileOptions Write(string path, IReadOnlyList<CandleRow> rows, Random random)
    {
        char separator = ",;\t|"[random.Next(4)];
        string end = random.Next(2) == 0 ? "\n" : "\r\n";
        bool isQuoted = random.Next(3) == 0, hasHeader = random.Next(4) > 0, isNewestFirst = random.Next(2) == 0, hasComma = separator == ';' && random.Next(2) == 0;
        int form = random.Next(9);
        (string Name, string Role)[] columns =
        [
            (Pick(random, "time", "Timestamp", "DATE", "open_time", "datetime_utc"), "time"), (Pick(random, "open", "Open", "o"), "open"), (Pick(random, "HIGH", "h"), "high"),
            (Pick(random, "low", "Low"), "low"), (Pick(random, "Close", "c"), "close"), (Pick(random, "volume", "Vol", "base_volume"), "volume"), ("trades", "-"), ("quote volume", "-"),
        ];
        random.Shuffle(columns);
        var text = new StringBuilder(random.Next(4) == 0 ? "\uFEFF" : "");
        string Cell(string value) => isQuoted ? $"\"{value}\"" : value;
        if (hasHeader)
            text.AppendJoin(separator, columns.Select(column => Cell(column.Name))).Append(end);
        foreach (CandleRow row in isNewestFirst ? rows.Reverse() : rows)
        {
            text.AppendJoin(separator, columns.Select(column => Cell(column.Role switch
            {
                "time" => TimeText(row.Time, form),
                "open" => Number(row.Open),
                "high" => Number(row.High),
                "low" => Number(row.Low),
                "close" => Number(row.Close),
                "volume" => Number(row.Volume),
                _ => "17",
            }))).Append(random.Next(50) == 0 ? end + end : end);
        }

        string Number(double value)
        {
            string plain = value.ToString(hasComma ? "0.00######" : "0.########", CultureInfo.InvariantCulture);
            return hasComma ? plain.Replace('.', ',') : plain;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        using Stream file = random.Next(2) == 0 ? File.Create(path) : new GZipStream(File.Create(path), CompressionLevel.Fastest);
        file.Write(bytes);
        return new CandleFileOptions { Columns = hasHeader ? null : [.. columns.Select(column => column.Role)] };
    }

    private static string TimeText(UnixNanos time, int form)
    {
        DateTime utc = time.ToDateTime();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        return form switch
        {
            0 => (time.Value / UnixNanos.PerSecond).ToString(invariant),
            1 => (time.Value / UnixNanos.PerMillisecond).ToString(invariant),
            2 => (time.Value / UnixNanos.PerMicrosecond).ToString(invariant),
            3 => time.Value.ToString(invariant),
            4 => utc.ToString("yyyy-MM-dd HH:mm:ss", invariant),
            5 => utc.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", invariant),
            6 => utc.AddHours(-5).ToString("yyyy-MM-ddTHH:mm:ss", invariant) + "-05:00",
            7 => utc.ToString("yyyy/MM/dd hh:mm tt", invariant),
            _ => (time.Value / UnixNanos.PerSecond).ToString(invariant) + ".0",
        };
    }

    private static string Pick(Random random, params string[] names) => names[random.Next(names.Length)];
}
