using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Judges one symbol-day of a lake: a pure function of its files.</summary>
/// <remarks>
/// Trades, the finest book and the native best prices are one stream, so that they are compared with each other; further books and derived quotes are streams of their own.
/// The downloaded CSV is judged where it is there, since a conversion leaves out what it refuses; its Parquet file is then read for damage only.
/// </remarks>
internal sealed class LakeDayValidator(ILakeStorage lake, MarketValidationOptions options, Func<InstrumentTable> newInstruments)
{
    private static readonly TardisCsvType[] BookTypes = [TardisCsvType.IncrementalBookL2, TardisCsvType.BookSnapshot25, TardisCsvType.BookSnapshot5];
    private static readonly TardisCsvType[] QuoteTypes = [TardisCsvType.BookTicker, TardisCsvType.Quotes];

    public LakeDayReport Validate(LakeDay day)
    {
        UnixNanos from = Later(day.Start, options.From), to = Earlier(day.Start + UnixNanos.PerDay, options.To);
        var log = new FindingLog();
        foreach (LakeDayFile file in day.Files.Where(file => file.WhyAbsent is not null))
        {
            log.Add(FindingCode.MissingDay, day.Start, 0, $"{file.Name}: {file.WhyAbsent}",
                severity: file.Status is null ? Severity.Error : Severity.Warning);
        }

        long rows = 0, trades = 0, updates = 0;
        IReadOnlyList<MinuteRow>? main = null;
        foreach (IReadOnlyList<LakeDayFile> stream in Streams([.. day.Files.Where(file => file.Type is not null && file.WhyAbsent is null)]))
        {
            MarketReport report = ValidateStream(stream, options with { From = from, To = to }, day, main, log);
            log.Add(report.Report.Findings);
            main ??= report.Minutes;
            rows += report.Report.Rows;
            trades += report.Series.Sum(one => one.Trades);
            updates += report.Series.Sum(one => one.Updates);
        }

        if (CandlesOf(day) is { } candles)
            rows += JudgeCandles(candles, from, to, trades > 0, log);
        return new LakeDayReport(day.Venue, day.Symbol, day.Date, new ValidationReport(rows, from, to, log.Findings), trades, updates);
    }

    /// <summary>The main stream first, then one for each type that would disturb it.</summary>
    private static IEnumerable<IReadOnlyList<LakeDayFile>> Streams(IReadOnlyList<LakeDayFile> files)
    {
        TardisCsvType? book = Finest(BookTypes, files), quotes = Finest(QuoteTypes, files);
        bool IsMain(LakeDayFile file) => BookTypes.Contains(file.Type!.Value) ? file.Type == book : !QuoteTypes.Contains(file.Type.Value) || file.Type == quotes;
        LakeDayFile[] main = [.. files.Where(IsMain)];
        if (main.Length > 0)
            yield return main;
        foreach (LakeDayFile file in files.Where(file => !IsMain(file)))
            yield return [file];
    }

    private static TardisCsvType? Finest(TardisCsvType[] types, IReadOnlyList<LakeDayFile> files) =>
        types.Where(type => files.Any(file => file.Type == type)).Select(type => (TardisCsvType?)type).FirstOrDefault();

    private MarketReport ValidateStream(IReadOnlyList<LakeDayFile> files, MarketValidationOptions judged, LakeDay day, IReadOnlyList<MinuteRow>? main, FindingLog log)
    {
        InstrumentTable instruments = newInstruments();
        var textIds = new TextIdTable();
        var validator = new MarketValidator(instruments, judged) { Candles = ReadCandles(day, files), Expected = main };
        var damage = new DamageLog(strict: false) { Listener = validator };
        var copies = new List<LakeCopy>();
        var readers = new List<MarketReader>();
        try
        {
            foreach (LakeDayFile file in files)
            {
                if (file.Raw is not null && file.Parquet is not null)
                    ReadForDamage(file.Parquet, log);
                LakeCopy copy = lake.Fetch(file.Raw ?? file.Parquet!);
                copies.Add(copy);
                try
                {
                    var range = new ReadRange(judged.From!.Value, judged.To!.Value);
                    readers.Add(file.Raw is not null
                        ? new CsvMarketReader(copy.Path, new TardisCsvOptions { Type = file.Type!.Value }, instruments, textIds, range, damage)
                        : new ParquetMarketReader(copy.Path, instruments, textIds, range, damage));
                }
                catch (InvalidDataException error)
                {
                    log.Add(FindingCode.Corrupt, UnixNanos.None, 0, $"{file.Name}: cannot be read at all: {Place(error.Message, copy.Path)}");
                }
            }

            using MarketReader merged = readers.Count == 1 ? readers[0] : new MergedMarketReader(readers, instruments, textIds, ReadRange.All, damage);
            validator.Read(merged);
            readers.Clear();
            return validator.Complete();
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
            copies.ForEach(copy => copy.Dispose());
        }
    }

    private static string? CandlesOf(LakeDay day) => day.Files.FirstOrDefault(file => file.Type is null && file.WhyAbsent is null)?.Raw;

    /// <summary>The candles to compare trades with; none where they cannot be read strictly, which is a finding of their own.</summary>
    private CandleSeries? ReadCandles(LakeDay day, IReadOnlyList<LakeDayFile> files)
    {
        if (CandlesOf(day) is not { } key || files.All(file => file.Type != TardisCsvType.Trades))
            return null;
        using LakeCopy copy = lake.Fetch(key);
        try
        {
            return CandleFileReader.Read(copy.Path, day.Symbol);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Judges the candles themselves. Where trades are there too, they tell whether an absent candle is a fault.</summary>
    private long JudgeCandles(string key, UnixNanos from, UnixNanos to, bool hasTrades, FindingLog log)
    {
        using LakeCopy copy = lake.Fetch(key);
        try
        {
            ValidationReport report = CandleValidator.Validate(copy.Path, new CandleFileOptions { Interval = UnixNanos.PerMinute }, from, to);
            log.Add(report.Findings.Where(finding => !hasTrades || finding.Code is not (FindingCode.MissingMinute or FindingCode.NoTrades)));
            return report.Rows;
        }
        catch (InvalidDataException error)
        {
            log.Add(FindingCode.Corrupt, UnixNanos.None, 0, $"{LakeTypes.Candles}: cannot be read at all: {Place(error.Message, copy.Path)}");
            return 0;
        }
    }

    private void ReadForDamage(string key, FindingLog log)
    {
        using LakeCopy copy = lake.Fetch(key);
        var damage = new DamageLog(strict: false);
        try
        {
            using var reader = new ParquetMarketReader(copy.Path, newInstruments(), new TextIdTable(), ReadRange.All, damage);
            while (reader.Read())
            {
            }
        }
        catch (InvalidDataException error)
        {
            damage.Add("", error.Message);
        }

        if (damage.Refused > 0)
            log.Add(FindingCode.Corrupt, UnixNanos.None, 0, $"{key}: {Place(damage.First[0], copy.Path)}", damage.Refused);
    }

    /// <summary>Reports name no path of this machine.</summary>
    private static string Place(string message, string path) => message.Replace(path, Path.GetFileName(path), StringComparison.Ordinal).TrimStart(':', ' ');

    private static UnixNanos Later(UnixNanos a, UnixNanos? b) => b is { } other && other > a ? other : a;

    private static UnixNanos Earlier(UnixNanos a, UnixNanos? b) => b is { } other && other < a ? other : a;
}
