using System.Runtime.CompilerServices;
using Crpbot.Analysis.Models;
using Crpbot.Analysis.Statistics;
using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Analysis;

/// <summary>Asks of every feature what it says about the return over each horizon, and how much of that is chance.</summary>
/// <remarks>
/// Works on the inputs a model sees. Rows that warm up are not used; a window with a missing Bar and a return of zero have no label. Equal data,
/// options and runtime give equal reports. Features are worked on in parallel; memory is a few times the inputs.
/// </remarks>
public static class FeatureAnalysis
{
    /// <param name="path">A feature dataset, one file or a folder of parts.</param>
    /// <param name="options">Horizons and seed.</param>
    /// <param name="progress">Told what begins, or null.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no dataset, no row can be used, or a horizon has no label.</exception>
    public static FeatureAnalysisReport Run(string path, AnalysisOptions options, Action<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        progress?.Invoke("reading");
        return Run(Load(path, options), options, progress);
    }

    /// <param name="symbols">The inputs of each Instrument.</param>
    /// <param name="source">Where they come from, in words.</param>
    /// <param name="options">Horizons and seed.</param>
    public static FeatureAnalysisReport Run(IReadOnlyList<InputRows> symbols, string source, AnalysisOptions options)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        return Run(Loaded.From(symbols, source, options), options, progress: null);
    }

    /// <summary>What stays of a dataset: its values would be most of the memory.</summary>
    private sealed record Loaded(AnalysisTable Table, string Source, IReadOnlyList<string> Symbols, long Rows)
    {
        public static Loaded From(IReadOnlyList<InputRows> symbols, string source, AnalysisOptions options) =>
            new(AnalysisTable.From(symbols, options), source, [.. symbols.Select(s => s.Symbol)], symbols.Sum(s => (long)s.Count));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Loaded Load(string path, AnalysisOptions options)
    {
        FeatureDataset dataset = FeatureDatasetReader.Read(path);
        return dataset.Count > 0 ? Loaded.From(FeatureInputs.FromValues(dataset), dataset.Source, options) : throw new InvalidDataException($"{path}: the dataset has no row");
    }

    private static FeatureAnalysisReport Run(Loaded loaded, AnalysisOptions options, Action<string>? progress)
    {
        AnalysisTable table = loaded.Table;
        var horizons = new List<(Target Target, BlockBootstrap Bootstrap)>();
        for (int h = 0; h < options.Horizons.Count; h++)
        {
            var target = new Target(table, h, options.Horizons[h]);
            if (target.Count == 0)
                throw new InvalidDataException($"no row has a label {options.Horizons[h]} bars ahead: the dataset is too short or full of holes");
            horizons.Add((target, new BlockBootstrap(target.Minutes, AnalysisOptions.BlockMinutes(target.HorizonBars), options.Replicates, options.Seed)));
        }

        AssociationReport[][] associations = Associations.Measure(table, horizons, options, progress);
        Target main = horizons[options.Horizons.ToList().IndexOf(options.MainHorizon)].Target;
        progress?.Invoke("stability and redundancy");
        double[] correlations = Dependence.Between(table, options.DependenceSamples);
        IReadOnlyList<int[]> clusters = Clusters.Find(correlations, table.Names.Length, options.ClusterThreshold);
        (double[][] periods, int[] periodStarts) = Dependence.ByPeriod(table, main, options.Periods);
        FeatureReport Feature(int f)
        {
            AssociationReport whole = associations[f].Single(a => a.Bars == options.MainHorizon);
            double[] known = [.. periods[f].Where(double.IsFinite)];
            return new FeatureReport(
                table.Names[f], FeatureSchema.IndexOf(table.Names[f]) < FeatureSchema.CandleCount ? "candle" : "microstructure",
                table.Inputs[f].Count(float.IsNaN) / (double)table.Rows, clusters.ToList().FindIndex(group => group.Contains(f)), associations[f], periods[f],
                known.Length == 0 ? double.NaN : known.Count(value => Math.Sign(value) == Math.Sign(whole.Spearman.Value)) / (double)known.Length,
                Dependence.StabilityIndex(table, f));
        }

        (IReadOnlyList<BaselineReport> baselines, IReadOnlyList<GainReport> gains, IReadOnlyList<ImportanceReport> importance) =
            new BaselineStudy(table, options).Run([.. horizons.Select(h => h.Target)], progress);
        FeatureReport[] features = new FeatureReport[table.Names.Length];
        Parallel.For(0, features.Length, f => features[f] = Feature(f));
        AssociationReport[] all = [.. associations.SelectMany(a => a)];
        var report = new FeatureAnalysisReport
        {
            Source = loaded.Source,
            SchemaVersion = FeatureSchema.Version,
            SchemaHash = FeatureSchema.Hash,
            Label = table.UsesMid ? "mid" : "close",
            Symbols = loaded.Symbols,
            Rows = loaded.Rows,
            UsedRows = table.Rows,
            From = TimeOf(table.Minutes[0]),
            To = TimeOf(table.Minutes[^1]),
            Seed = options.Seed,
            Replicates = options.Replicates,
            Shifts = options.Shifts,
            Horizons = [.. horizons.Select(h => Describe(h.Target, h.Bootstrap))],
            Features = features,
            Absent = table.Absent,
            Correlations = Counts(all.Select(a => (a.SpearmanP, a.SpearmanQ))),
            Information = Counts(all.Select(a => (a.Information.P, a.InformationQ))),
            Leaks = [.. features.SelectMany(feature => LeaksOf(feature, options.LeakThreshold))],
            MainHorizon = options.MainHorizon,
            PeriodStarts = [.. periodStarts.Select(TimeOf)],
            ClusterThreshold = options.ClusterThreshold,
            Clusters = [.. clusters.Select(group => group.Select(f => table.Names[f]).ToArray())],
            FeatureCorrelations = [.. Enumerable.Range(0, features.Length).Select(f => correlations.AsSpan(f * features.Length, features.Length).ToArray())],
            Baselines = baselines,
            Gains = gains,
            Importance = importance,
        };
        return report with { Findings = Findings.Of(report) };
    }

    private static HorizonReport Describe(Target target, BlockBootstrap bootstrap)
    {
        double move = target.MeanMove;
        return new HorizonReport(
            target.HorizonBars, target.Count, target.CountDisjoint(), target.ShareUp, move, bootstrap.BlockMinutes, bootstrap.Blocks,
            0.5 + 1 / (2 * move), 0.5 + 6.5 / (2 * move));
    }

    private static TestCounts Counts(IEnumerable<(double P, double Q)> tests)
    {
        (double P, double Q)[] known = [.. tests.Where(test => !double.IsNaN(test.P))];
        return new TestCounts(known.Length, known.Count(test => test.P < 0.05), 0.05 * known.Length, known.Count(test => test.Q < 0.05));
    }

    private static IEnumerable<LeakReport> LeaksOf(FeatureReport feature, double threshold) => feature.Horizons
        .Where(a => Math.Abs(a.Spearman.Value) >= threshold || Math.Abs(2 * a.Auc - 1) >= threshold)
        .Select(a => new LeakReport(feature.Name, a.Bars, a.Spearman.Value, a.Auc));

    private static string TimeOf(int minute) => new UnixNanos(minute * UnixNanos.PerMinute).ToDateTime().ToString("yyyy-MM-dd'T'HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
