using System.Globalization;
using System.IO.Compression;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Candles of one Instrument, oldest first.</summary>
public sealed record CandleSeries(
    string Symbol, UnixNanos[] Times, double[] Open, double[] High, double[] Low, double[] Close, double[] Volume)
{
    public int Count => Times.Length;
}

/// <summary>Reads one-minute candles from CSV, plain or gzip: columns by name in any order, rows newest or oldest first.</summary>
/// <remarks>
/// Times are ISO 8601 or an epoch in s, ms, µs or ns, told apart by the number of digits; without an offset they are UTC. Strict: a row
/// that cannot be read, an impossible candle or two rows of one minute stop the reading with file, line and field.
/// </remarks>
public static class CandleFileReader
{
    private static readonly string[][] ColumnNames =
    [
        ["time", "timestamp", "open_time", "opentime", "date", "datetime"], ["open", "o"], ["high", "h"], ["low", "l"], ["close", "c"], ["volume", "v"],
    ];

    /// <param name="path">The file.</param>
    /// <param name="symbol">Name to give the series; from the file's name up to the first <c>_</c> or <c>.</c> when null.</param>
    /// <exception cref="InvalidDataException">Names file, line and field.</exception>
    public static CandleSeries Read(string path, string? symbol = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        using FileStream file = File.OpenRead(path);
        bool isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        using Stream content = isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        try
        {
            return Read(path, reader, symbol ?? Path.GetFileName(path).Split('_', '.')[0]);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: damaged gzip: {e.Message}", e);
        }
    }

    private static CandleSeries Read(string path, StreamReader reader, string symbol)
    {
        string header = reader.ReadLine() ?? throw new InvalidDataException($"{path}: line 1: the file is empty; expected a header such as time,open,high,low,close,volume");
        int[] columns = FindColumns(path, header);
        var rows = new List<(UnixNanos Time, double[] Prices, int Line)>();
        int lineNumber = 1;
        while (reader.ReadLine() is { } line)
        {
            lineNumber++;
            if (line.Length == 0)
                continue;
            string[] cells = line.Split(',');
            if (cells.Length <= columns.Max())
                throw new InvalidDataException($"{path}: line {lineNumber}: {cells.Length} fields, the header names {columns.Max() + 1}");
            UnixNanos time = ParseTime(cells[columns[0]]) ?? throw Fault(path, lineNumber, "time", cells[columns[0]], "a whole UTC minute, ISO 8601 or an epoch");
            if (time.Floor(UnixNanos.PerMinute) != time)
                throw Fault(path, lineNumber, "time", cells[columns[0]], "a whole minute");
            var prices = new double[5];
            for (int i = 0; i < 5; i++)
            {
                if (!double.TryParse(cells[columns[i + 1]], NumberStyles.Float, CultureInfo.InvariantCulture, out prices[i]) || !double.IsFinite(prices[i]))
                    throw Fault(path, lineNumber, ColumnNames[i + 1][0], cells[columns[i + 1]], "a number");
            }

            (double open, double high, double low, double close, double volume) = (prices[0], prices[1], prices[2], prices[3], prices[4]);
            if (!(low > 0 && low <= Math.Min(open, close) && high >= Math.Max(open, close) && volume >= 0))
                throw new InvalidDataException($"{path}: line {lineNumber}: low {low} <= open {open}, close {close} <= high {high}, volume {volume} >= 0 does not hold");
            rows.Add((time, prices, lineNumber));
        }

        rows.Sort((a, b) => a.Time.CompareTo(b.Time));
        for (int i = 1; i < rows.Count; i++)
        {
            if (rows[i].Time == rows[i - 1].Time)
                throw new InvalidDataException($"{path}: line {Math.Max(rows[i].Line, rows[i - 1].Line)}: a second candle of {rows[i].Time}");
        }

        double[] Column(int i) => [.. rows.Select(row => row.Prices[i])];
        return new CandleSeries(symbol, [.. rows.Select(row => row.Time)], Column(0), Column(1), Column(2), Column(3), Column(4));
    }

    private static int[] FindColumns(string path, string header)
    {
        string[] names = [.. header.TrimStart('\uFEFF').Split(',').Select(name => name.Trim().Trim('"').ToLowerInvariant())];
        var columns = new int[ColumnNames.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = Array.FindIndex(names, name => ColumnNames[i].Contains(name));
            if (columns[i] < 0)
                throw new InvalidDataException($"{path}: line 1: there is no column {ColumnNames[i][0]} in '{header}'");
        }

        return columns;
    }

    private static UnixNanos? ParseTime(string text)
    {
        text = text.Trim().Trim('"');
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch))
        {
            return text.Length switch
            {
                >= 9 and <= 10 => new UnixNanos(epoch * UnixNanos.PerSecond),
                >= 12 and <= 13 => new UnixNanos(epoch * UnixNanos.PerMillisecond),
                >= 15 and <= 16 => new UnixNanos(epoch * UnixNanos.PerMicrosecond),
                >= 18 and <= 19 => new UnixNanos(epoch),
                _ => null,
            };
        }

        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, styles, out DateTime time) ? UnixNanos.FromDateTime(time) : null;
    }

    private static InvalidDataException Fault(string path, int line, string field, string text, string expected) =>
        new($"{path}: line {line}: {field} is '{text}', expected {expected}");
}
