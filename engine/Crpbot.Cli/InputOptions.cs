using System.CommandLine;
using System.Globalization;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Cli;

/// <summary>The flags that say what an input file is and which part of it is meant; the same for every command that reads market data.</summary>
internal sealed class InputOptions
{
    public Option<string?> Venue { get; } = new("--venue") { Description = $"What a raw recording holds: {string.Join(", ", VenueParsers.Names)}." };

    public Option<string?> CsvType { get; } = new("--csv-type") { Description = "What a Tardis CSV holds: trades, incremental_book_L2, book_snapshot_5, book_snapshot_25, quotes, book_ticker, derivative_ticker, liquidations." };

    public Option<string?> Exchange { get; } = new("--exchange") { Description = "Of a CSV or a lake: only this Tardis exchange id." };

    public Option<string?> Symbol { get; } = new("--symbol") { Description = "Only this symbol." };

    public Option<string?> From { get; } = new("--from") { Description = "Start at this instant of ReceiveTime (ISO 8601, UTC), inclusive." };

    public Option<string?> To { get; } = new("--to") { Description = "End before this instant of ReceiveTime, exclusive." };

    public Option<string?> Instruments { get; } = new("--instruments") { Description = "JSON file with ticks and lots: [{\"venue\",\"symbol\",\"tick\",\"lot\"}]." };

    public Option<bool> Strict { get; } = new("--strict") { Description = "Stop with exit code 3 at the first damaged row or message." };

    /// <param name="command">Takes the flags.</param>
    /// <param name="withSymbol">False for a command whose own <c>--symbol</c> means more.</param>
    public void AddTo(Command command, bool withSymbol = true)
    {
        Venue.AcceptOnlyFromAmong([.. VenueParsers.Names]);
        command.Options.Add(Venue);
        command.Options.Add(CsvType);
        command.Options.Add(Exchange);
        if (withSymbol)
            command.Options.Add(Symbol);
        command.Options.Add(From);
        command.Options.Add(To);
        command.Options.Add(Instruments);
        command.Options.Add(Strict);
    }

    public InputSelection Read(ParseResult parsed)
    {
        UnixNanos from = Instant(parsed.GetValue(From), "--from") ?? new UnixNanos(long.MinValue);
        UnixNanos to = Instant(parsed.GetValue(To), "--to") ?? new UnixNanos(long.MaxValue);
        if (from >= to)
            throw new UsageException($"--from {from} is not before --to {to}");
        if (parsed.GetValue(Venue) is not null && parsed.GetValue(CsvType) is not null)
            throw new UsageException("--venue is for raw recordings and --csv-type for CSV: give one of them");
        return new InputSelection(parsed.GetValue(Venue), parsed.GetValue(CsvType), parsed.GetValue(Exchange),
            new ReadRange(from, to, parsed.GetValue(Symbol)?.ToUpperInvariant()), parsed.GetValue(Strict));
    }

    internal static UnixNanos? Instant(string? text, string flag)
    {
        if (text is null)
            return null;
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles, out DateTime instant)
            ? UnixNanos.FromDateTime(instant)
            : throw new UsageException($"{flag} '{text}' is no instant; expected ISO 8601 such as 2024-08-08T23:55:00Z");
    }
}

/// <summary>What a command was asked to read.</summary>
internal sealed record InputSelection(
    string? Venue, string? CsvType, string? Exchange, ReadRange Range, bool Strict);
