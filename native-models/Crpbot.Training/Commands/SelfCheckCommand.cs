using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Crpbot.Training.SelfChecks;

namespace Crpbot.Training.Commands;

/// <summary><c>crpbot-train selfcheck</c>: does training tell signal from chance on this machine?</summary>
internal static class SelfCheckCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document on stdout." };
    private static readonly Option<int> Seed = CommandLine.Number("--seed", 1, 0, int.MaxValue, "Another seed is another market.");

    public static Command Create()
    {
        var command = new Command("selfcheck", """
            Trains on planted markets whose truth is known and checks that what must be found is found, and nothing else.
            Exits with 1 where a check fails.

            Example:
              crpbot-train selfcheck --seed 2
            """);
        command.Options.Add(Json);
        command.Options.Add(Seed);
        command.SetAction(parsed => Run(new TrainingSteps(), parsed.GetValue(Seed), parsed.GetValue(Json)));
        return command;
    }

    /// <param name="steps">Training, or a defective one.</param>
    /// <param name="seed">Of the markets.</param>
    /// <param name="isJson">A document in place of the table.</param>
    internal static int Run(TrainingSteps steps, int seed, bool isJson)
    {
        var suite = new SanitySuite(steps, (ulong)seed);
        var found = new List<SelfCheck>();
        using (var progress = new ProgressLine())
        {
            foreach ((string name, Func<SelfCheck> run) in suite.Checks)
            {
                progress.Report((double)found.Count / suite.Checks.Count, name);
                found.Add(run());
            }
        }

        bool passed = found.TrueForAll(check => check.Passed);
        if (isJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new SelfCheckDocument(passed, seed, [.. found]), SelfCheckJson.Default.SelfCheckDocument));
        }
        else
        {
            Console.Out.WriteLine($"{"check",-20}{"",-6}{"figure",10}  needs");
            foreach (SelfCheck check in found)
                Console.Out.WriteLine(FormattableString.Invariant($"{check.Name,-20}{(check.Passed ? "pass" : "FAIL"),-6}{check.Figure,10:0.####}  {check.Needs}"));
        }

        return passed ? ExitCode.Done : ExitCode.Refused;
    }
}

/// <summary>What <c>selfcheck --json</c> prints.</summary>
internal sealed record SelfCheckDocument(bool Passed, int Seed, SelfCheck[] Checks);

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SelfCheckDocument))]
internal sealed partial class SelfCheckJson : JsonSerializerContext;
