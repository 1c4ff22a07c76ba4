using System.Globalization;

namespace Crpbot.Datasets;

/// <summary>Which of the three kinds of raw file.</summary>
public enum RawFileKind
{
    /// <summary>A day of one data type and symbol, Tardis' CSV.</summary>
    Dataset,

    /// <summary>Minutes of raw venue messages, Tardis' data feeds.</summary>
    Slice,

    /// <summary>A day of one-minute candles, Coinbase's REST API.</summary>
    Candles,
}

/// <summary>A raw file that was downloaded, or was found missing.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Path">Relative to the lake, with <c>/</c>. A missing one has only its sidecar there.</param>
/// <param name="Venue">Tardis' exchange id.</param>
/// <param name="Type">Data type; <c>feeds</c> of slices, <c>candles</c> of candles.</param>
/// <param name="Symbol">Symbol; of slices the hash of their filters.</param>
/// <param name="Start">First instant it covers, UTC.</param>
/// <param name="End">First instant it no longer covers.</param>
public sealed record RawFileName(RawFileKind Kind, string Path, string Venue, string Type, string Symbol, DateTime Start, DateTime End);

/// <summary>The layout of the lake's raw folder.</summary>
/// <remarks>
/// <code>
/// raw/tardis/datasets/EXCHANGE/TYPE/yyyy/MM/dd/SYMBOL.csv.gz               the path of the dataset's address
/// raw/tardis/feeds/EXCHANGE/HASH/yyyy/MM/dd/HH/mm[.size-N].json.gz         the cache layout of Tardis' own clients; HASH names the filters
/// raw/tardis/feeds/EXCHANGE/HASH/filters.json                              the filters and the slice size
/// raw/coinbase/candles/SYMBOL/yyyy/MM/yyyy-MM-dd.csv                       time,low,high,open,close,volume, oldest first
/// …/NAME.manifest.json                                                     the sidecar of …/NAME
/// …/NAME.HEX.unconfirmed                                                   a download that runs; never read these
/// </code>
/// A file under its own name is whole and never changes afterwards.
/// </remarks>
public static class RawLake
{
    public const string Folder = "raw";
    public const string DatasetsFolder = "raw/tardis/datasets";
    public const string FeedsFolder = "raw/tardis/feeds";
    public const string CandlesFolder = "raw/coinbase/candles";
    public const string FeedType = "feeds";
    public const string CandlesType = "candles";
    public const string CandlesVenue = "coinbase";
    public const string ManifestSuffix = ".manifest.json";
    public const string TemporarySuffix = ".unconfirmed";
    public const string FiltersName = "filters.json";
    private const string DatasetSuffix = ".csv.gz";
    private const string SliceSuffix = ".json.gz";
    private const string SliceSize = ".size-";
    private const string CandlesSuffix = ".csv";
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Path of a day of a dataset.</summary>
    /// <param name="symbol">As in the dataset's address before percent-encoding: <see cref="DatasetSymbol"/>.</param>
    public static string DatasetPath(string exchange, string type, string symbol, DateOnly day) =>
        string.Create(Culture, $"{DatasetsFolder}/{exchange}/{type}/{day:yyyy'/'MM'/'dd}/{symbol}{DatasetSuffix}");

    /// <summary>The name of a symbol in dataset addresses: upper-case, <c>/</c> and <c>:</c> become <c>-</c>.</summary>
    public static string DatasetSymbol(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        return symbol.Replace('/', '-').Replace(':', '-').ToUpperInvariant();
    }

    /// <summary>Folder of all slices of one set of filters.</summary>
    public static string FeedFolder(string exchange, string filtersHash) => $"{FeedsFolder}/{exchange}/{filtersHash}";

    /// <summary>Path of a slice of raw messages.</summary>
    /// <param name="start">Its first minute, UTC.</param>
    /// <param name="minutes">1 to 10.</param>
    public static string SlicePath(string exchange, string filtersHash, DateTime start, int minutes)
    {
        string size = minutes == 1 ? "" : string.Create(Culture, $"{SliceSize}{minutes}");
        return string.Create(Culture, $"{FeedFolder(exchange, filtersHash)}/{start:yyyy'/'MM'/'dd'/'HH'/'mm}{size}{SliceSuffix}");
    }

    /// <summary>Path of a day of candles.</summary>
    public static string CandlesPath(string symbol, DateOnly day) =>
        string.Create(Culture, $"{CandlesFolder}/{symbol}/{day:yyyy'/'MM'/'yyyy-MM-dd}{CandlesSuffix}");

    /// <summary>All raw files of a lake that have a sidecar, in order of their paths within each kind.</summary>
    /// <param name="lake">The lake's folder; an absent one has no files.</param>
    /// <param name="kind">Which files.</param>
    /// <param name="below">Only those in this folder of the kind's, e.g. <c>coinbase/trades</c>; all when empty.</param>
    public static IEnumerable<RawFileName> Enumerate(string lake, RawFileKind kind, string below = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(lake);
        string folder = FolderOf(kind);
        return Sidecars(lake, below.Length == 0 ? folder : $"{folder}/{below}").Select(path => TryParse(path, out RawFileName? name) ? name : null).OfType<RawFileName>();
    }

    /// <summary>Where the files of a kind lie.</summary>
    internal static string FolderOf(RawFileKind kind) => kind switch { RawFileKind.Dataset => DatasetsFolder, RawFileKind.Slice => FeedsFolder, _ => CandlesFolder };

    /// <summary>Understands a path of this layout; false for any other, sidecars included.</summary>
    /// <param name="path">Relative to the lake, with <c>/</c>.</param>
    public static bool TryParse(string path, out RawFileName? name)
    {
        ArgumentNullException.ThrowIfNull(path);
        name = path switch
        {
            _ when path.StartsWith(DatasetsFolder + "/", StringComparison.Ordinal) => ParseDataset(path, path[(DatasetsFolder.Length + 1)..].Split('/')),
            _ when path.StartsWith(FeedsFolder + "/", StringComparison.Ordinal) => ParseSlice(path, path[(FeedsFolder.Length + 1)..].Split('/')),
            _ when path.StartsWith(CandlesFolder + "/", StringComparison.Ordinal) => ParseCandles(path, path[(CandlesFolder.Length + 1)..].Split('/')),
            _ => null,
        };
        return name is not null;
    }

    private static RawFileName? ParseDataset(string path, string[] parts)
    {
        if (parts.Length != 6 || !parts[5].EndsWith(DatasetSuffix, StringComparison.Ordinal)
            || !TryTime(string.Join('/', parts[2..5]), "yyyy'/'MM'/'dd", out DateTime day))
            return null;
        return new RawFileName(RawFileKind.Dataset, path, parts[0], parts[1], parts[5][..^DatasetSuffix.Length], day, day.AddDays(1));
    }

    private static RawFileName? ParseSlice(string path, string[] parts)
    {
        if (parts.Length != 7 || !parts[6].EndsWith(SliceSuffix, StringComparison.Ordinal))
            return null;
        string[] name = parts[6][..^SliceSuffix.Length].Split(SliceSize);
        int minutes = 1;
        if (!TryTime(string.Join('/', [.. parts[2..6], name[0]]), "yyyy'/'MM'/'dd'/'HH'/'mm", out DateTime start)
            || name.Length > 2 || (name.Length == 2 && !int.TryParse(name[1], NumberStyles.None, Culture, out minutes)))
            return null;
        return new RawFileName(RawFileKind.Slice, path, parts[0], FeedType, parts[1], start, start.AddMinutes(minutes));
    }

    private static RawFileName? ParseCandles(string path, string[] parts)
    {
        if (parts.Length != 4 || !parts[3].EndsWith(CandlesSuffix, StringComparison.Ordinal)
            || !TryTime(parts[3][..^CandlesSuffix.Length], "yyyy-MM-dd", out DateTime day))
            return null;
        return new RawFileName(RawFileKind.Candles, path, CandlesVenue, CandlesType, parts[0], day, day.AddDays(1));
    }

    private static bool TryTime(string text, string format, out DateTime time) =>
        DateTime.TryParseExact(text, format, Culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>Paths of the files whose sidecars lie under a folder, depth first, in ordinal order.</summary>
    private static IEnumerable<string> Sidecars(string lake, string folder)
    {
        var here = new DirectoryInfo(System.IO.Path.Combine(lake, folder));
        if (!here.Exists)
            yield break;
        foreach (FileSystemInfo entry in here.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            string path = $"{folder}/{entry.Name}";
            if (entry is DirectoryInfo)
            {
                foreach (string below in Sidecars(lake, path))
                    yield return below;
            }
            else if (path.EndsWith(ManifestSuffix, StringComparison.Ordinal))
            {
                yield return path[..^ManifestSuffix.Length];
            }
        }
    }
}
