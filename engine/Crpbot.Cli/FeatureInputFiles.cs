using System.Globalization;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Cli;

/// <summary>Opens what <c>features build</c> reads.</summary>
/// <param name="Selection">The flags all inputs share.</param>
/// <param name="Symbols">Of candles: none, one for all files, or one a file. Of market data: those wanted; none for all.</param>
/// <param name="Range">Bars wanted.</param>
/// <param name="WarmupDays">Market data read before the range.</param>
/// <param name="Shard">Which symbols.</param>
internal sealed record FeatureInputFiles(InputSelection Selection, string[] Symbols, BarRange Range, int WarmupDays, Sharding Shard)
{
    /// <summary>The next Bar's first event closes the last one; where a day is silent it stays open.</summary>
    private const long ReadOn = UnixNanos.PerDay;

    private ReadRange ReadRange => new(
        Range.From == BarRange.All.From ? Range.From : Range.From - WarmupDays * UnixNanos.PerDay, Range.To == BarRange.All.To ? Range.To : Range.To + ReadOn);

    /// <summary>One source a symbol.</summary>
    /// <exception cref="UsageException">There are more or fewer symbols than files.</exception>
    /// <exception cref="InvalidDataException">A file is no file of one-minute candles, or two do not fit together.</exception>
    public IReadOnlyList<FeatureRowSource> OpenCandles(string[] files, CandleFileOptions options)
    {
        if (Symbols.Length > 1 && Symbols.Length != files.Length)
            throw new UsageException($"--symbol names {Symbols.Length} symbols for {files.Length} candle files: give one a file, or one for all");
        var read = new List<(string, CandleSeries)>();
        for (int i = 0; i < files.Length; i++)
            read.Add((files[i], CandleFiles.Read(files[i], Symbols.Length == 0 ? null : Symbols[Math.Min(i, Symbols.Length - 1)], options)));
        return [.. Shard.EveryNthOf(CandleFiles.Join(read)).Select(candles => new CandleRowSource(candles, Range))];
    }

    /// <summary>One source for a capture, a recording or a CSV.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isCapture">It was said to be a capture.</param>
    /// <param name="instruments">Receives the Instruments.</param>
    public MarketRowSource OpenFile(string path, bool isCapture, InstrumentTable instruments)
    {
        if (Shard != Sharding.All)
            throw new UsageException("--shard cuts candles and lakes by symbol; one capture or recording is one stream: choose with --symbol");
        if (Symbols.Length > 1)
            throw new UsageException("--symbol: one symbol, or none for all of the file");
        ReadRange wanted = ReadRange with { Symbol = Symbols.Length == 0 ? null : Symbols[0].ToUpperInvariant() };
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file");
        if (isCapture || CaptureFile.IsCapture(path))
        {
            // Alone, a capture closes its Bars by its own Timers, as its replay does.
            var capture = new CaptureMarketReader(path, instruments, new(), wanted, new DamageLog(Selection.Strict)) { KeepsTimers = true };
            return new MarketRowSource(capture, Range, holdsTimers: true);
        }

        return new MarketRowSource(new Inputs(Selection with { Range = wanted }, instruments).OpenReader(path, wanted), Range);
    }

    /// <summary>One source a symbol of a lake, each with its own clock: its rows do not depend on what else is built.</summary>
    /// <param name="location">The lake.</param>
    /// <param name="types">Tardis' names; none for everything.</param>
    /// <param name="instruments">Receives the Instruments.</param>
    /// <exception cref="InvalidDataException">The lake has nothing of what is wanted.</exception>
    public IReadOnlyList<FeatureRowSource> OpenLake(string location, string[] types, InstrumentTable instruments)
    {
        using ILakeStorage lake = Lakes.Open(location);
        var query = new LakeQuery
        {
            Venue = Selection.Exchange ?? Selection.Venue,
            Symbols = [.. Symbols.Select(symbol => symbol.ToUpperInvariant())],
            Types = [.. types.Select(type => TardisCsvTypes.TryParse(type, out TardisCsvType known) ? known : throw new UsageException($"--types: no type '{type}'; see --help"))],
            From = ReadRange.From,
            To = ReadRange.To,
        };
        (string Venue, string Symbol)[] series = [.. LakeReader.Partitions(lake, query)
            .GroupBy(source => (source.Partition.Venue, RawLake.DatasetSymbol(source.Partition.Symbol)))
            .Select(group => (group.Key.Venue, group.OrderBy(source => source.IsRaw).First().Partition.Symbol))
            .OrderBy(found => $"{found.Venue}:{found.Symbol}", StringComparer.Ordinal)];
        if (series.Length == 0)
            throw new InvalidDataException($"{location}: the lake has nothing of {(Symbols.Length == 0 ? "any symbol" : string.Join(", ", Symbols))} in this range");
        return [.. Shard.EveryNthOf(series).Select(found => new MarketRowSource(
            LakeReader.Open(Lakes.Open(location), query with { Venue = found.Venue, Symbols = [found.Symbol] }, instruments, new DamageLog(Selection.Strict), ownsLake: true), Range))];
    }

    /// <summary>What was read, in words: names without folders, so that the place of a file changes no byte of a dataset.</summary>
    public string Describe(string kind, string[] paths, bool withSymbols = true)
    {
        string names = string.Join(", ", paths.Select(path => Path.GetFileName(Path.TrimEndingDirectorySeparator(path))));
        string symbols = withSymbols && Symbols.Length > 0 ? $", {string.Join(" ", Symbols)}" : "";
        string span = (Range.From != BarRange.All.From ? $", from {Instant(Range.From)}" : "") + (Range.To != BarRange.All.To ? $", to {Instant(Range.To)}" : "");
        return $"{kind}: {names}{symbols}{span}";
    }

    private static string Instant(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
