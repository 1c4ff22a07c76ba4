using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Candles of one Instrument, oldest first.</summary>
public sealed record CandleSeries(
    string Symbol, UnixNanos[] Times, double[] Open, double[] High, double[] Low, double[] Close, double[] Volume)
{
    public int Count => Times.Length;
}

/// <summary>Reads one-minute candles whole, for features and training; see <see cref="CandleReader"/> for what files may look like.</summary>
/// <remarks>
/// Strict: a row that cannot be read, an impossible candle, two rows of one minute or a file that breaks off stop the reading with file, line
/// and field. Nothing is repaired.
/// </remarks>
public static class CandleFileReader
{
    /// <param name="path">The file.</param>
    /// <param name="symbol">Name to give the series; from the file's name up to the first <c>_</c> or <c>.</c> when null.</param>
    /// <param name="options">What the file does not say itself.</param>
    /// <exception cref="InvalidDataException">Names file, line and field.</exception>
    public static CandleSeries Read(string path, string? symbol = null, CandleFileOptions? options = null)
    {
        options ??= CandleFileOptions.Default;
        using CandleReader reader = CandleReader.Open(path, options);
        var rows = new List<CandleRow>();
        while (reader.Read(out CandleRow row) is not CandleReadStatus.End and var status)
        {
            if (status == CandleReadStatus.Damaged)
                throw new InvalidDataException($"{path}: {reader.Damage}");
            if (row.Time.Floor(UnixNanos.PerMinute) != row.Time)
                throw new InvalidDataException($"{path}: line {row.Line}: time is '{row.Time}', expected a whole minute");
            if (!row.IsPossible)
                throw new InvalidDataException($"{path}: line {row.Line}: low {row.Low} <= open {row.Open}, close {row.Close} <= high {row.High}, volume {row.Volume} >= 0 does not hold");
            rows.Add(row);
        }

        if (reader.IsCorrupt || reader.IsTruncated)
            throw new InvalidDataException($"{path}: line {reader.Line}: the file {(reader.IsCorrupt ? "is corrupt" : "breaks off")} here");
        rows.Sort((a, b) => a.Time.CompareTo(b.Time));
        for (int i = 1; i < rows.Count; i++)
        {
            if (rows[i].Time == rows[i - 1].Time)
                throw new InvalidDataException($"{path}: line {Math.Max(rows[i].Line, rows[i - 1].Line)}: a second candle of {rows[i].Time}");
        }

        double[] Column(Func<CandleRow, double> of) => [.. rows.Select(of)];
        return new CandleSeries(symbol ?? options.Symbol ?? Path.GetFileName(path).Split('_', '.')[0], [.. rows.Select(row => row.Time)],
            Column(row => row.Open), Column(row => row.High), Column(row => row.Low), Column(row => row.Close), Column(row => row.Volume));
    }
}
