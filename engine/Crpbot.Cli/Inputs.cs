using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Engine.Sources;

namespace Crpbot.Cli;

/// <summary>Opens whatever file a command was given: a capture by its magic, a Tardis CSV or a raw recording by its flags.</summary>
internal static class Inputs
{
    /// <exception cref="InvalidDataException">The file is missing or not of the named format.</exception>
    /// <param name="parsers">Shared by files that follow one another, so that a book is carried over from one to the next; null for a file alone.</param>
    public static ReplaySource Open(string path, InputSelection selection, InstrumentTable instruments, VenueParsers? parsers = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file");
        var damage = new DamageLog(selection.Strict);
        if (CaptureFile.IsCapture(path))
            return new CaptureSource(path, instruments, selection.Symbol, selection.From, selection.To, damage);
        if (selection.CsvType is { } type)
            return new CsvSource(path, CsvOptions(type, selection), instruments, selection.From, selection.To, damage);
        if (selection.Venue is { } venue)
        {
            (IVenueParser parser, TextIdTable textIds) = (parsers ?? new VenueParsers(instruments)).Of(venue);
            return new RecordingSource(path, parser, textIds, instruments, selection.Symbol, selection.From, selection.To, damage);
        }

        if (new FileInfo(path).Length < CaptureFile.MagicLength)
            throw new InvalidDataException($"{path}: {new FileInfo(path).Length} bytes are too few for a capture; a recording or CSV needs --venue or --csv-type");
        throw new UsageException($"{path} is no capture; say what it is with --venue (raw recording) or --csv-type (Tardis CSV)");
    }

    private static TardisCsvOptions CsvOptions(string type, InputSelection selection) => new()
    {
        Type = TardisCsvTypes.TryParse(type, out TardisCsvType known) ? known : throw new UsageException($"--csv-type: no type '{type}'; see --help"),
        Exchange = selection.Exchange,
        Symbol = selection.Symbol,
    };

    /// <exception cref="InvalidDataException">Messages were read and not one of them was understood.</exception>
    public static void RefuseWrongFormat(string path, InputSelection selection, ReplaySource source, long events)
    {
        if (events == 0 && source.Damage.Refused > 0)
            throw new InvalidDataException($"{path}: nothing in it reads as {selection.Venue ?? selection.CsvType}; the first refusal: {source.Damage.First[0]}");
    }

    public static IVenueParser CreateParser(string venue, InstrumentTable instruments, TextIdTable textIds) => venue switch
    {
        "coinbase" => new CoinbaseParser(instruments),
        "coinbase-advanced" => new CoinbaseAdvancedParser(instruments),
        "binance" or "binance-futures" => new BinanceParser(instruments, venue),
        "tardis" => new TardisMessageParser(instruments, textIds),
        _ => throw new UsageException($"no venue '{venue}'; known: {string.Join(", ", InputOptions.Venues)}"),
    };
}

/// <summary>One parser a venue, for recordings that are read one after another.</summary>
internal sealed class VenueParsers(InstrumentTable instruments)
{
    private readonly Dictionary<string, (IVenueParser Parser, TextIdTable TextIds)> _parsers = [];

    public (IVenueParser Parser, TextIdTable TextIds) Of(string venue)
    {
        if (_parsers.TryGetValue(venue, out (IVenueParser, TextIdTable) known))
            return known;
        var textIds = new TextIdTable();
        return _parsers[venue] = (Inputs.CreateParser(venue, instruments, textIds), textIds);
    }
}
