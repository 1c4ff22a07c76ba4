using System.Security.Cryptography;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Inference;

namespace Crpbot.Training.Learning;

/// <summary>Reads feature datasets (Parquet) or candle files (CSV) as one table of a model's features.</summary>
internal static class TableLoader
{
    /// <param name="paths">One dataset, a Parquet file or a folder of them, or CSV; several candle files are several Instruments.</param>
    /// <param name="features">The model's features, in order.</param>
    /// <param name="horizonBars">The label's horizon: a simulator's truth over another horizon is left out.</param>
    /// <exception cref="InvalidDataException">A file is not what it should be, or the files do not fit together.</exception>
    public static TrainingTable Load(IReadOnlyList<string> paths, IReadOnlyList<string> features, int horizonBars)
    {
        int[] columns = FeatureSchema.IndicesOf(features);
        foreach (string path in paths)
        {
            if (!Path.Exists(path))
                throw new FileNotFoundException($"{path}: there is no such file", path);
        }

        bool[] isParquet = [.. paths.Select(IsParquet)];
        if (isParquet.Distinct().Count() != 1)
            throw new InvalidDataException($"{paths[0]} and {paths[1]}: datasets and candle files cannot be mixed");
        IReadOnlyList<InputRows> rows;
        string source;
        if (isParquet[0])
        {
            if (paths.Count > 1)
                throw new InvalidDataException($"{paths[1]}: only one dataset at a time");
            FeatureDataset dataset = FeatureDatasetReader.Read(paths[0]);
            rows = FeatureInputs.FromValues(dataset);
            source = dataset.Source;
            if (dataset.TrueHorizonBars != horizonBars)
            {
                foreach (InputRows symbol in rows)
                    symbol.TrueProbabilityUp.AsSpan().Fill(double.NaN);
            }
        }
        else
        {
            if (features.FirstOrDefault(name => !FeatureSchema.CandleNames.Contains(name)) is { } missing)
                throw new InvalidDataException($"{paths[0]}: candles give no feature {missing}: use --features candle, or a feature dataset");
            rows = [.. paths.Select(path => CandleFeatureRows.FromCandles(CandleFileReader.Read(path)))];
            source = $"One-minute candles: {string.Join(", ", paths.Select(Path.GetFileName))}";
        }

        return new TrainingTable(source, HashOf(paths), features, [.. rows.Select(symbol => Select(symbol, columns))]);
    }

    /// <summary>The mid where most rows have one, else the last trade.</summary>
    public static LabelKind DefaultLabel(TrainingTable table)
    {
        long known = table.Symbols.Sum(s => s.Mid.LongCount(m => !double.IsNaN(m)));
        return 2 * known > table.Symbols.Sum(s => (long)s.Count) ? LabelKind.MidDirection : LabelKind.CloseDirection;
    }

    /// <summary>SHA-256 over the files' bytes, in order.</summary>
    public static string HashOf(IEnumerable<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in paths.SelectMany(path => Directory.Exists(path) ? FeatureDatasetReader.FilesOf(path) : [path]))
            hash.AppendData(File.ReadAllBytes(path));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool IsParquet(string path)
    {
        if (Directory.Exists(path))
            return true;
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("PAR1"u8);
    }

    private static SymbolRows Select(InputRows from, int[] columns)
    {
        var rows = new SymbolRows(from.Symbol, from.Count, columns.Length);
        from.Times.CopyTo(rows.OpenTime, 0);
        from.Close.CopyTo(rows.Close, 0);
        from.High.CopyTo(rows.High, 0);
        from.Low.CopyTo(rows.Low, 0);
        from.Atr.CopyTo(rows.Atr, 0);
        from.Mid.CopyTo(rows.Mid, 0);
        from.TrueProbabilityUp.CopyTo(rows.TrueProbabilityUp, 0);
        for (int row = 0; row < from.Count; row++)
        {
            rows.Warmup[row] = (from.Flags[row] & FeatureRowFlags.Warmup) != 0;
            Span<double> inputs = rows.WritableInputsOf(row);
            for (int i = 0; i < columns.Length; i++)
                inputs[i] = from.Inputs[row * FeatureSchema.Count + columns[i]];
        }

        return rows;
    }
}
