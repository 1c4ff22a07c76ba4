using System.CommandLine;
using Crpbot.Codecs;
using Crpbot.Codecs.Normalization;
using Crpbot.Codecs.Recordings;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot data normalize</c>: raw venue messages to tardis-normalised NDJSON.</summary>
internal static class DataNormalize
{
    /// <summary>Refused lines named on stderr; the rest is counted.</summary>
    private const int MaxNamed = 10;

    public static Command Create()
    {
        var venue = new Option<string>("--venue") { Description = $"Whose messages: {string.Join(", ", TardisNormalizer.Exchanges)}.", Required = true };
        venue.AcceptOnlyFromAmong([.. TardisNormalizer.Exchanges]);
        var input = new Option<string?>("--in") { Description = "Raw messages, gzip or plain (default: standard input)." };
        var output = new Option<string?>("--out") { Description = "Where to write (default: standard output)." };
        var withDisconnects = new Option<bool>("--with-disconnects") { Description = "Write a disconnect message where the recording lost its connection." };
        var strict = new Option<bool>("--strict") { Description = "Stop with exit code 3 at the first refused message." };
        var command = new Command("normalize", "Turns raw venue messages into tardis-normalised NDJSON. Example: crpbot data normalize --venue coinbase --in raw.jsonl.gz")
        {
            venue, input, output, withDisconnects, strict,
        };
        command.SetAction(parsed =>
        {
            using var normalizer = new TardisNormalizer(parsed.GetRequiredValue(venue), parsed.GetValue(withDisconnects));
            string? path = parsed.GetValue(input);
            using RawRecordingReader reader = path is null ? new RawRecordingReader(Console.OpenStandardInput()) : RawRecordingReader.Open(path);
            using OutputFile destination = OutputFile.Create(parsed.GetValue(output));
            Run(reader, normalizer, destination.Stream, path ?? "standard input", parsed.GetValue(strict));
            destination.Commit();
            return ExitCode.Done;
        });
        return command;
    }

    /// <exception cref="InvalidDataException">Strict and a line was refused, or no line is of any form of recording.</exception>
    internal static void Run(RawRecordingReader reader, TardisNormalizer normalizer, Stream output, string inputName, bool strict)
    {
        bool isRecording = false;
        long refused = 0;
        var first = new List<string>();
        while (reader.Read(out RawFrame frame))
        {
            string? reason;
            if (frame.Kind == RawFrameKind.Damage)
            {
                reason = $"{frame.Damage} at byte {frame.ByteOffset}";
            }
            else
            {
                reason = normalizer.Normalize(frame).Reason;
                output.Write(normalizer.Lines);
                isRecording = true;
            }

            if (reason is null)
                continue;
            refused++;
            string refusal = $"{inputName}:{frame.LineNumber}: {reason}";
            if (strict)
                throw new InvalidDataException(refusal);
            if (first.Count < MaxNamed)
                first.Add(refusal);
        }

        if (refused > 0 && !isRecording)
            throw new InvalidDataException($"no recording of raw messages: {first[0]}");
        foreach (string refusal in first)
            Console.Error.WriteLine($"crpbot: refused {refusal}");
        if (refused > 0)
            Console.Error.WriteLine($"crpbot: {refused} of {reader.Lines} lines refused");
    }
}
