using System.CommandLine;
using System.Text.Json;
using Crpbot.Codecs.Captures;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot capture inspect FILE</c> and <c>crpbot capture verify FILE</c>: what a capture holds, and whether all of it can be read.</summary>
internal static class CaptureInspect
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create() => Create("inspect", """
        Shows what a capture holds: instruments, kinds, time span, size, damage.

        Example: crpbot capture inspect crpbot-demo/live.capture
        """, failOnDamage: false);

    public static Command CreateVerify() => Create("verify", """
        Reads every block of a capture against its hash. Exit code 1 when anything is damaged or missing.

        Example: crpbot capture verify crpbot-demo/live.capture
        """, failOnDamage: true);

    private static Command Create(string name, string description, bool failOnDamage)
    {
        Argument<string> file = Arguments.File("file", "A capture.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command(name, description) { file, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            if (!File.Exists(path))
                throw new FileNotFoundException($"{path}: there is no such file");
            CaptureSummary summary = CaptureSummary.Read(path);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(ToJson(summary));
            else
                Print(summary, Console.Out);
            return failOnDamage && (summary.Damage.Count > 0 || !summary.IsComplete) ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    private static string ToJson(CaptureSummary summary) => JsonSerializer.Serialize(new
    {
        summary.Header.FormatVersion,
        summary.Header.Software,
        summary.Header.Source,
        Created = summary.Header.Created.ToString(),
        summary.Events,
        Kinds = summary.EventsByKind.ToDictionary(entry => entry.Key.ToString(), entry => entry.Value),
        Instruments = summary.EventsByInstrument.ToDictionary(entry => entry.Key, entry => entry.Value),
        From = summary.FirstReceiveTime.ToString(),
        To = summary.LastReceiveTime.ToString(),
        summary.Blocks,
        summary.FileBytes,
        summary.BytesPerEvent,
        summary.CompressionRatio,
        summary.IsComplete,
        Damage = summary.Damage.Select(damage => new { Kind = damage.Kind.ToString(), damage.Offset, damage.Bytes, damage.EventsLost }),
    }, Indented);

    private static void Print(CaptureSummary summary, TextWriter writer)
    {
        writer.WriteLine($"source       {summary.Header.Source}, written by {summary.Header.Software} at {summary.Header.Created}");
        writer.WriteLine($"events       {summary.Events:N0} in {summary.Blocks:N0} blocks");
        writer.WriteLine($"span         {summary.FirstReceiveTime} … {summary.LastReceiveTime}");
        writer.WriteLine($"size         {summary.FileBytes:N0} bytes, {summary.BytesPerEvent:F2} an event, {summary.CompressionRatio:F1} times smaller than in memory");
        foreach ((MarketEventKind kind, long count) in summary.EventsByKind)
            writer.WriteLine($"  {kind,-20} {count,14:N0}");
        foreach ((string instrument, long count) in summary.EventsByInstrument)
            writer.WriteLine($"  {instrument,-20} {count,14:N0}");
        foreach (CaptureDamage damage in summary.Damage)
            writer.WriteLine($"damage       {damage}");
        if (!summary.IsComplete)
            writer.WriteLine("damage       the index at the end is missing: the recording was interrupted");
    }
}
