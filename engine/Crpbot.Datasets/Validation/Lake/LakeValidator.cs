using Crpbot.Codecs.Instruments;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Judges every symbol-day of a lake, several at once; the same lake gives the same report.</summary>
public static class LakeValidator
{
    /// <param name="lake">Any storage whose Fetch may be called from several threads.</param>
    /// <param name="symbols">Upper-case; empty for all.</param>
    /// <param name="options">The interval and the limits.</param>
    /// <param name="newInstruments">Makes a table of ticks and lots; called once a stream.</param>
    /// <param name="progress">Told the rows so far; null: nobody.</param>
    /// <exception cref="InvalidDataException">Nothing that was asked for is there.</exception>
    public static LakeReport Validate(
        ILakeStorage lake, IReadOnlyList<string> symbols, MarketValidationOptions options, Func<InstrumentTable> newInstruments, Action<long>? progress = null)
    {
        IReadOnlyList<LakeDay> days = LakeInventory.Read(lake, symbols, options.From, options.To);
        if (days.Count == 0)
            throw new InvalidDataException($"{lake.Location}: no market data{(symbols.Count == 0 ? "" : $" of {string.Join(", ", symbols)}")}; expected venue=…/type=…/symbol=…/date=… or {RawLake.DatasetsFolder}");
        var reports = new LakeDayReport[days.Count];
        var validator = new LakeDayValidator(lake, options, newInstruments);
        long rows = 0;
        Parallel.For(0, days.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(8, Environment.ProcessorCount) }, i =>
        {
            reports[i] = validator.Validate(days[i]);
            progress?.Invoke(Interlocked.Add(ref rows, reports[i].Report.Rows));
        });
        IReadOnlyList<LakeDayReport> judged = UnusualDays.Mark(reports, options);
        return new LakeReport(Sum(judged), judged);
    }

    private static ValidationReport Sum(IReadOnlyList<LakeDayReport> days)
    {
        var log = new FindingLog();
        foreach (LakeDayReport day in days)
            log.Add(day.Report.Findings.Select(finding => finding with { Example = $"{day.Name}: {finding.Example}" }));
        return new ValidationReport(days.Sum(day => day.Report.Rows), days.Min(day => day.Report.From), days.Max(day => day.Report.To), log.Findings);
    }
}

/// <summary>Compares each day's counts with the median of the symbol's other days.</summary>
internal static class UnusualDays
{
    /// <summary>The same days, those that are far from typical with a finding more.</summary>
    public static IReadOnlyList<LakeDayReport> Mark(IReadOnlyList<LakeDayReport> days, MarketValidationOptions options)
    {
        var marked = days.ToArray();
        foreach (IGrouping<(string, string), int> series in Enumerable.Range(0, days.Count).GroupBy(i => (days[i].Venue, days[i].Symbol)))
        {
            int[] whole = [.. series.Where(i => days[i].Report.To - days[i].Report.From == UnixNanos.PerDay && days[i].Report.Rows > 0)];
            foreach (int i in whole)
            {
                marked[i] = Mark(marked[i], "trades", day => day.Trades, [.. whole.Where(j => j != i).Select(j => days[j])], options);
                marked[i] = Mark(marked[i], "level updates", day => day.Updates, [.. whole.Where(j => j != i).Select(j => days[j])], options);
            }
        }

        return marked;
    }

    private static LakeDayReport Mark(LakeDayReport day, string what, Func<LakeDayReport, long> count, IReadOnlyList<LakeDayReport> others, MarketValidationOptions options)
    {
        if (others.Count < options.TypicalDays)
            return day;
        long[] counts = [.. others.Select(count).Order()];
        double median = (counts[(counts.Length - 1) / 2] + counts[counts.Length / 2]) / 2.0;
        long own = count(day);
        if (median == 0 || (own <= median * options.UnusualFactor && own >= median / options.UnusualFactor))
            return day;
        var log = new FindingLog();
        log.Add(day.Report.Findings);
        log.Add(FindingCode.CountAnomaly, day.Report.From, 0, FormattableString.Invariant($"{own:N0} {what}, the median of the other days is {median:N0}"));
        return day with { Report = day.Report with { Findings = log.Findings } };
    }
}
