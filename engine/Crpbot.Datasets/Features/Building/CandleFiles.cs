using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Candle files that follow one another, joined to one series a symbol.</summary>
public static class CandleFiles
{
    /// <summary>Reads a file of one-minute candles.</summary>
    /// <param name="path">The file.</param>
    /// <param name="symbol">Name to give the series; from the file's name when null.</param>
    /// <param name="options">What the file does not say itself.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It holds candles of another length, or cannot be read whole.</exception>
    public static CandleSeries Read(string path, string? symbol, CandleFileOptions options)
    {
        CandleShape shape;
        using (CandleReader reader = CandleReader.Open(path, options))
            shape = reader.Shape;
        return shape.Interval == UnixNanos.PerMinute
            ? CandleFileReader.Read(path, symbol, options)
            : throw new InvalidDataException($"{path}: its candles are {CandleInterval.Format(shape.Interval)} long; the features are defined on candles of 1m, and nothing is made up between them");
    }

    /// <summary>Joins the files of each symbol in order of time; a minute that two files hold alike is one.</summary>
    /// <param name="files">Path and candles, in any order.</param>
    /// <returns>One series a symbol, in ordinal order of the symbols.</returns>
    /// <exception cref="InvalidDataException">Two files hold different candles of a minute.</exception>
    public static IReadOnlyList<CandleSeries> Join(IReadOnlyList<(string Path, CandleSeries Candles)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return [.. files.GroupBy(file => file.Candles.Symbol, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => JoinOne([.. group]))];
    }

    private static CandleSeries JoinOne((string Path, CandleSeries Candles)[] files)
    {
        if (files.Length == 1)
            return files[0].Candles;
        var rows = new List<(UnixNanos Time, int File, int Row)>();
        for (int file = 0; file < files.Length; file++)
        {
            for (int row = 0; row < files[file].Candles.Count; row++)
                rows.Add((files[file].Candles.Times[row], file, row));
        }

        rows.Sort();
        var kept = new List<(UnixNanos Time, int File, int Row)>(rows.Count);
        foreach ((UnixNanos Time, int File, int Row) row in rows)
        {
            if (kept.Count == 0 || kept[^1].Time != row.Time)
                kept.Add(row);
            else if (!IsEqual(files[kept[^1].File].Candles, kept[^1].Row, files[row.File].Candles, row.Row))
                throw new InvalidDataException($"{files[row.File].Path}: its candle of {row.Time} differs from the one in {Path.GetFileName(files[kept[^1].File].Path)}");
        }

        double[] Column(Func<CandleSeries, double[]> of) => [.. kept.Select(row => of(files[row.File].Candles)[row.Row])];
        return new CandleSeries(
            files[0].Candles.Symbol, [.. kept.Select(row => row.Time)], Column(c => c.Open), Column(c => c.High), Column(c => c.Low), Column(c => c.Close), Column(c => c.Volume));
    }

    private static bool IsEqual(CandleSeries a, int i, CandleSeries b, int j) =>
        a.Open[i] == b.Open[j] && a.High[i] == b.High[j] && a.Low[i] == b.Low[j] && a.Close[i] == b.Close[j] && a.Volume[i] == b.Volume[j];
}
