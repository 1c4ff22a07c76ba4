using System.Globalization;
using Crpbot.Backtest.Scoring;
using Crpbot.Codecs.Instruments;
using Crpbot.Datasets;
using Crpbot.Inference;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest.Report;

/// <summary>What a study looks at beside the model and its rules.</summary>
public sealed record StudyScope
{
    public UnixNanos From { get; init; } = new(long.MinValue);

    /// <summary>Exclusive.</summary>
    public UnixNanos To { get; init; } = new(long.MaxValue);

    /// <summary>A challenge begins at every n-th midnight.</summary>
    public int ChallengeEveryDays { get; init; } = 1;

    /// <summary>Configurations that were tried before this one was kept, itself included.</summary>
    public int Trials { get; init; } = 1;
}

/// <summary>From a feature dataset and a model to a report.</summary>
public static class BacktestStudy
{
    /// <summary>Days below which daily figures say little.</summary>
    private const int FewDays = 60;

    /// <param name="package">Promoted or not.</param>
    /// <param name="dataset">One row a Bar.</param>
    /// <param name="limits">With the commission that is to be billed.</param>
    /// <param name="options">Its horizon is the model's.</param>
    /// <param name="instruments">Knows ticks and lots.</param>
    /// <param name="scope">Which part of the dataset, how many starts and trials.</param>
    /// <param name="progress">Told how many Bars are scored.</param>
    /// <exception cref="InvalidDataException">The dataset has no Bar in the scope, or one that cannot be traded.</exception>
    public static BacktestReport Run(
        ModelPackage package, FeatureDataset dataset, RiskLimits limits, BacktestOptions options, InstrumentTable instruments, StudyScope scope, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scope);
        IReadOnlyList<(string Symbol, int[] Rows)> symbols = TapeReader.RowsOf(dataset);
        ScoredHistory[] scored = HistoryScorer.Score(package, dataset, [.. symbols.Select(symbol => symbol.Rows)], scope.From, scope.To, progress);
        var tapes = new List<BarTape>();
        var parts = new List<BacktestSymbol>();
        for (int i = 0; i < scored.Length; i++)
        {
            BarTape tape = TapeReader.Read(dataset, symbols[i].Symbol, symbols[i].Rows, scored[i].ProbabilityUp, scope.From, scope.To, instruments, out int skipped);
            tapes.Add(tape);
            parts.Add(new BacktestSymbol(symbols[i].Symbol, tape.Count, skipped, scored[i].Statuses));
        }

        if (tapes.TrueForAll(tape => tape.Count == 0))
            throw new InvalidDataException($"{dataset.Source}: there is no bar in the span that was asked for");
        var engine = new BarBacktest(tapes, limits, options);
        BacktestResult result = engine.Run();
        return new BacktestReport
        {
            Model = $"{package.Manifest.Name}/{package.Manifest.Version}",
            Source = dataset.Source,
            From = tapes.Where(tape => tape.Count > 0).Min(tape => tape.OpenTimes[0]),
            To = tapes.Where(tape => tape.Count > 0).Max(tape => tape.OpenTimes[^1]) + UnixNanos.PerMinute,
            Limits = limits,
            Options = options,
            Symbols = parts,
            Result = result,
            Performance = PerformanceSummary.Of(result, scope.Trials),
            Challenge = engine.Challenge(scope.ChallengeEveryDays),
            Warnings = [.. Warnings(package.Manifest, tapes, [.. parts.Select(part => part.Symbol)], result, limits, options)],
        };
    }

    private static IEnumerable<string> Warnings(ModelManifest model, List<BarTape> tapes, string[] names, BacktestResult result, RiskLimits limits, BacktestOptions options)
    {
        if (!model.Promoted)
            yield return "the model is not promoted: it may be tested here and must not trade";
        long learned = LearnedFrom(model, tapes, names);
        if (learned > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{learned:N0} of {tapes.Sum(tape => tape.Count):N0} bars lie in the span the model learned from, before {model.Training.LockedFrom}: their result is no evidence");
        foreach (BarTape tape in tapes)
        {
            if (tape.Instrument.Assumed)
                yield return $"{tape.Instrument}: nobody described its tick and lot, 1e-8 is assumed; say them with --instruments";
            if (limits.ContractOf(tape.Instrument.Symbol) is null)
                yield return $"{tape.Instrument}: the rules '{limits.Name}' list no contract for it, so every order is refused";
            if (tape.Count > 0 && !Enumerable.Range(0, tape.Count).Any(tape.IsQuoted))
                yield return string.Create(CultureInfo.InvariantCulture, $"{tape.Instrument}: the dataset has no quotes; a spread of {options.StatedSpread * 10_000:0.####} bps is assumed, not measured");
        }

        if (result.Days.Count < FewDays)
            yield return $"{result.Days.Count} days are too few for daily figures such as the Sharpe ratio to mean much";
    }

    private static long LearnedFrom(ModelManifest model, List<BarTape> tapes, string[] names)
    {
        if (!TryParse(model.Training.From, out UnixNanos from) || !TryParse(model.Training.LockedFrom, out UnixNanos to))
            throw new InvalidDataException($"{model.Name}/{model.Version}: training.from or training.lockedFrom is no ISO 8601 instant");
        return tapes.Where((_, i) => model.Training.Symbols.Contains(names[i])).Sum(tape => tape.OpenTimes.LongCount(time => time >= from && time < to));

        static bool TryParse(string text, out UnixNanos time)
        {
            bool parsed = DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime instant);
            time = UnixNanos.FromDateTime(instant);
            return parsed;
        }
    }
}
