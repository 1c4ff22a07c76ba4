using System.Globalization;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets;
using Crpbot.Messages;

namespace Crpbot.Cli;

/// <summary>Opens what <c>features build</c> reads, and says in words what it was.</summary>
internal static class FeatureInputFiles
{
    /// <summary>One source a symbol.</summary>
    /// <param name="symbols">None, one for all files, or one a file.</param>
    /// <exception cref="UsageException">There are more or fewer symbols than files.</exception>
    /// <exception cref="InvalidDataException">A file is no file of one-minute candles, or two do not fit together.</exception>
    public static IReadOnlyList<FeatureRowSource> Candles(string[] files, string[] symbols, BarRange range, Shard shard)
    {
        if (symbols.Length > 1 && symbols.Length != files.Length)
            throw new UsageException($"--symbol names {symbols.Length} symbols for {files.Length} candle files: give one a file, or one for all");
        var read = new List<(string, CandleSeries)>();
        for (int i = 0; i < files.Length; i++)
            read.Add((files[i], CandleFileReader.Read(files[i], symbols.Length == 0 ? null : symbols[Math.Min(i, symbols.Length - 1)])));
        return [.. shard.Of(CandleFiles.Join(read)).Select(candles => new CandleRowSource(candles, range))];
    }

    /// <param name="path">A capture, a recording or a CSV.</param>
    /// <param name="isCapture">It was said to be a capture.</param>
    /// <param name="symbols">None, or the only one wanted.</param>
    /// <param name="selection">The other input flags.</param>
    /// <param name="instruments">Receives the Instruments.</param>
    /// <param name="range">Bars wanted.</param>
    /// <param name="warmupDays">Read before the range.</param>
    public static MarketRowSource Market(
        string path, bool isCapture, string[] symbols, InputSelection selection, InstrumentTable instruments, BarRange range, int warmupDays)
    {
        if (symbols.Length > 1)
            throw new UsageException("--symbol: one symbol, or none for all of the file");
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file");
        UnixNanos from = range.From.Value == long.MinValue ? range.From : range.From - warmupDays * UnixNanos.PerDay;
        var wanted = new ReadRange(from, BarRange.All.To, symbols.Length == 0 ? null : symbols[0].ToUpperInvariant());
        if (isCapture || CaptureFile.IsCapture(path))
        {
            // Alone, a capture closes its Bars by its own Timers, as its replay does.
            var capture = new CaptureMarketReader(path, instruments, new(), wanted, new DamageLog(selection.Strict)) { KeepsTimers = true };
            return new MarketRowSource(capture, range, holdsTimers: true);
        }

        return new MarketRowSource(new Inputs(selection with { Range = wanted }, instruments).OpenReader(path, wanted), range);
    }

    public static string DescribeCandles(string[] files, BarRange range) =>
        $"One-minute candles: {string.Join(", ", files.Select(Path.GetFileName))}{Describe(range)}";

    public static string Describe(string path, InputSelection selection, string[] symbols, BarRange range)
    {
        string kind = selection.Venue is { } venue ? $"Recording of {venue}" : selection.CsvType is { } type ? $"Tardis CSV of {type}" : "Capture";
        return $"{kind}: {Path.GetFileName(path)}{(symbols.Length > 0 ? $", {symbols[0]}" : "")}{Describe(range)}";
    }

    private static string Describe(BarRange range) =>
        (range.From != BarRange.All.From ? $", from {Instant(range.From)}" : "") + (range.To != BarRange.All.To ? $", to {Instant(range.To)}" : "");

    private static string Instant(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
