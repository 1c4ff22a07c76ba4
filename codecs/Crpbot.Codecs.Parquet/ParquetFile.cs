using System.Globalization;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Microsoft.Win32.SafeHandles;
using ParquetSharp;

namespace Crpbot.Codecs.Parquet;

/// <summary>What a Parquet file of market data says about itself, from its footer alone.</summary>
/// <param name="Type">Which events it holds.</param>
/// <param name="Venue">Tardis' exchange id.</param>
/// <param name="Symbol">The venue's symbol, upper-case.</param>
/// <param name="Tick">Of the prices.</param>
/// <param name="Lot">Of the quantities.</param>
/// <param name="Assumed">Nobody described the Instrument: tick and lot are 1e-8.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Metadata">All keys, those of the writer's caller included.</param>
public sealed record ParquetSummary(
    TardisCsvType Type, string Venue, string Symbol, DecimalStep Tick, DecimalStep Lot, bool Assumed, long Rows, IReadOnlyDictionary<string, string> Metadata);

/// <summary>How a Parquet file of market data is known, and the names of its metadata.</summary>
public static class ParquetFile
{
    /// <summary>Changed when older readers would misread.</summary>
    public const string Format = "1";

    public const string FormatKey = "crpbot.format";
    public const string TypeKey = "crpbot.type";
    public const string VenueKey = "crpbot.venue";
    public const string SymbolKey = "crpbot.symbol";
    public const string TickKey = "crpbot.tick";
    public const string LotKey = "crpbot.lot";
    public const string AssumedKey = "crpbot.assumed";

    internal const string CreatedBy = "crpbot";
    private const int MagicLength = 4;

    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <summary>Whether the file begins as Parquet does; false for files that are shorter.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static bool IsParquet(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        Span<byte> start = stackalloc byte[MagicLength];
        return RandomAccess.Read(file, start, 0) == MagicLength && start.SequenceEqual(Magic);
    }

    /// <summary>Reads the footer.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Cut, damaged, or not market data.</exception>
    public static ParquetSummary ReadSummary(string path)
    {
        using ParquetFileReader file = Open(path);
        return Summarize(path, file);
    }

    /// <summary>Number of rows of any Parquet file, from its footer.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Cut or damaged.</exception>
    public static long CountRows(string path)
    {
        using ParquetFileReader file = Open(path);
        return file.FileMetaData.NumRows;
    }

    /// <summary>The same for every file, so that equal rows give equal bytes.</summary>
    internal static WriterProperties PropertiesFor(IReadOnlyList<ParquetColumn> columns)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(3).CreatedBy(CreatedBy).EnablePageChecksum();
        foreach (ParquetColumn column in columns)
            column.Configure(builder);
        return builder.Build();
    }

    internal static ParquetFileReader Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        try
        {
            using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();
            properties.EnablePageChecksumVerification();
            return new ParquetFileReader(path, properties);
        }
        catch (ParquetException error)
        {
            throw new InvalidDataException($"{path}: not a readable Parquet file: {OneLine(error)}", error);
        }
    }

    internal static ParquetSummary Summarize(string path, ParquetFileReader file)
    {
        IReadOnlyDictionary<string, string> metadata = file.FileMetaData.KeyValueMetadata ?? new Dictionary<string, string>();
        string Required(string key) => metadata.TryGetValue(key, out string? value) && value.Length > 0
            ? value
            : throw new InvalidDataException($"{path}: Parquet, but no market data of crpbot: its metadata has no {key}");
        string format = Required(FormatKey);
        if (format != Format)
            throw new InvalidDataException($"{path}: format {format}, this program reads {Format}: convert the raw data again");
        if (!TardisCsvTypes.TryParse(Required(TypeKey), out TardisCsvType type))
            throw new InvalidDataException($"{path}: {TypeKey} is '{metadata[TypeKey]}', which is no type of market data");
        try
        {
            return new ParquetSummary(
                type, Required(VenueKey), Required(SymbolKey), DecimalStep.Parse(Required(TickKey)), DecimalStep.Parse(Required(LotKey)),
                Required(AssumedKey) == "true", file.FileMetaData.NumRows, metadata);
        }
        catch (FormatException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    internal static Dictionary<string, string> MetadataOf(TardisCsvType type, Instrument instrument, IReadOnlyDictionary<string, string>? more)
    {
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [TypeKey] = type.NameOf(),
            [VenueKey] = instrument.Venue,
            [SymbolKey] = instrument.Symbol,
            [TickKey] = instrument.Tick.ToString(),
            [LotKey] = instrument.Lot.ToString(),
            [AssumedKey] = instrument.Assumed ? "true" : "false",
        };
        foreach ((string key, string value) in (more ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            metadata[key] = value;
        return metadata;
    }

    internal static string OneLine(Exception error) =>
        string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is var text && text.Length > 200
            ? string.Create(CultureInfo.InvariantCulture, $"{text[..200]}…")
            : text;
}
