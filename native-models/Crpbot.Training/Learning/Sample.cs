using Crpbot.Inference;
using Crpbot.Messages;

namespace Crpbot.Training.Learning;

/// <summary>One question with its answer: the sequence that ends at a row, and whether the label says up.</summary>
internal readonly record struct Sample(int Symbol, int Row, UnixNanos Time, bool Up);

/// <summary>What makes a row a sample.</summary>
internal sealed record SampleOptions
{
    public int SequenceLength { get; init; } = 60;

    public int HorizonBars { get; init; } = 15;

    public LabelKind Label { get; init; }

    /// <summary>Triple-barrier only: above the entry.</summary>
    public PriceBarrier? Target { get; init; }

    /// <summary>Triple-barrier only: below the entry.</summary>
    public PriceBarrier? Stop { get; init; }

    /// <summary>NaN one feature may have in a sequence; the engine applies the same.</summary>
    public int MissingPerFeatureMax { get; init; } = 3;

    /// <summary>Take every n-th minute: neighbours share nearly everything.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Keep rows whose price does not change, as not up: no sample for accuracy, but a trade that pays its costs.</summary>
    public bool KeepFlat { get; init; }
}

/// <summary>Finds the samples of a table by the engine's own rules: a whole sequence, no Warmup row, few missing inputs.</summary>
internal static class SampleBuilder
{
    /// <summary>All samples, ordered by time, then Instrument. A return of zero is no sample.</summary>
    public static Sample[] Build(TrainingTable table, SampleOptions options)
    {
        var samples = new List<Sample>();
        for (int symbol = 0; symbol < table.Symbols.Count; symbol++)
            AddSymbol(table, symbol, options, samples);
        return [.. samples.OrderBy(s => s.Time.Value).ThenBy(s => s.Symbol)];
    }

    private static void AddSymbol(TrainingTable table, int symbol, SampleOptions options, List<Sample> samples)
    {
        SymbolRows rows = table.Symbols[symbol];
        int length = options.SequenceLength;
        var missing = new int[table.Features];
        int clean = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            Count(rows.InputsOf(row), missing, 1);
            if (row >= length)
                Count(rows.InputsOf(row - length), missing, -1);
            bool follows = row > 0 && rows.OpenTime[row] - rows.OpenTime[row - 1] == UnixNanos.PerMinute;
            clean = rows.Warmup[row] ? 0 : follows ? clean + 1 : 1;
            if (clean < length || missing.Max() > options.MissingPerFeatureMax)
                continue;
            UnixNanos time = rows.OpenTime[row];
            if (time.Value / UnixNanos.PerMinute % options.Stride != 0)
                continue;
            if (FindReturn(rows, row, options) is { } move && (move != 0 || options.KeepFlat))
                samples.Add(new Sample(symbol, row, time, move > 0));
        }
    }

    private static void Count(ReadOnlySpan<double> inputs, int[] missing, int step)
    {
        for (int i = 0; i < inputs.Length; i++)
            missing[i] += double.IsNaN(inputs[i]) ? step : 0;
    }

    /// <summary>Sign of the change over the horizon; null for none, or where the later Bar is missing.</summary>
    internal static bool? FindLabel(SymbolRows rows, int row, SampleOptions options) => FindReturn(rows, row, options) is { } move && move != 0 ? move > 0 : null;

    /// <summary>Change of the price over the horizon as a fraction of it, or up to the barrier that ends it; null where a Bar or a price is missing.</summary>
    internal static double? FindReturn(SymbolRows rows, int row, SampleOptions options)
    {
        if (options.Label == LabelKind.TripleBarrier)
            return TripleBarrier.FindReturn(rows, row, options.HorizonBars, options.Target!, options.Stop!);
        // Rows are in order, so the Bar h minutes later is at most h rows on.
        UnixNanos later = rows.OpenTime[row] + options.HorizonBars * UnixNanos.PerMinute;
        int end = Math.Min(row + options.HorizonBars, rows.Count - 1);
        while (end > row && rows.OpenTime[end] > later)
            end--;
        if (end == row || rows.OpenTime[end] != later)
            return null;
        double[] prices = options.Label == LabelKind.MidDirection ? rows.Mid : rows.Close;
        double move = (prices[end] - prices[row]) / prices[row];
        return double.IsNaN(move) ? null : move;
    }
}
