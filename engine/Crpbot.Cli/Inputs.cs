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
    public static ReplaySource Open(string path, InputSelection selection, InstrumentTable instruments)
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
            var textIds = new TextIdTable();
            IVenueParser parser = CreateParser(venue, instruments, textIds);
            return new RecordingSource(path, parser, textIds, instruments, selection.Symbol, selection.From, selection.To, damage);
        }

        throw new UsageException($"{path} is no capture; say what it is with --venue (raw recording) or --csv-type (Tardis CSV)");
    }

    private static TardisCsvOptions CsvOptions(string type, InputSelection selection) => new()
    {
        Type = TardisCsvTypes.TryParse(type, out TardisCsvType known) ? known : throw new UsageException($"--csv-type: no type '{type}'; see --help"),
        Exchange = selection.Exchange,
        Symbol = selection.Symbol,
    };

    public static IVenueParser CreateParser(string venue, InstrumentTable instruments, TextIdTable textIds) => venue switch
    {
        "coinbase" => new CoinbaseParser(instruments),
        "coinbase-advanced" => new CoinbaseAdvancedParser(instruments),
        "binance" or "binance-futures" => new BinanceParser(instruments, venue),
        "tardis" => new TardisMessageParser(instruments, textIds),
        _ => throw new UsageException($"no venue '{venue}'; known: {string.Join(", ", InputOptions.Venues)}"),
    };
}
