using System.Text.Json;
using System.Text.RegularExpressions;

namespace Crpbot.Pipeline.Tests.Deploy;

/// <summary>A command of a deployment file, with the variables that the scheduler sets put in.</summary>
/// <param name="File">Relative to the repository.</param>
/// <param name="Arguments">Without the program's name.</param>
public sealed record DeployedCommand(string File, string[] Arguments)
{
    public override string ToString() => $"{File}: {string.Join(' ', Arguments)}";
}

/// <summary>Reads what <c>engine/deploy</c> tells schedulers to run.</summary>
internal static partial class DeployFiles
{
    public const string Folder = "engine/deploy";

    public static string[] KubernetesJobs => ["kubernetes/lake-convert-job.yaml", "kubernetes/lake-download-job.yaml"];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, Folder, file));

    /// <summary>Commands are written as flow sequences, which are JSON, so that they are read here without a YAML parser.</summary>
    public static DeployedCommand OfKubernetes(string file)
    {
        string text = Read(file);
        string[] command = JsonSerializer.Deserialize<string[]>(Command().Match(text).Groups[1].Value)!;
        string lake = Lake().Match(text).Groups[1].Value;
        return Program(file, command, new() { ["$(LAKE)"] = lake, ["$(JOB_COMPLETION_INDEX)"] = "0" });
    }

    public static DeployedCommand OfAwsBatch(string file)
    {
        using JsonDocument document = JsonDocument.Parse(Read(file));
        JsonElement container = document.RootElement.GetProperty("containerProperties");
        string[] command = [.. container.GetProperty("command").EnumerateArray().Select(part => part.GetString()!)];
        if (command is not ["sh", "-c", var line] || !line.StartsWith("exec ", StringComparison.Ordinal))
            throw new InvalidDataException($"{file}: expected sh -c 'exec crpbot …'");
        var variables = container.GetProperty("environment").EnumerateArray()
            .ToDictionary(variable => $"${variable.GetProperty("name").GetString()}", variable => variable.GetProperty("value").GetString()!);
        variables["$AWS_BATCH_JOB_ARRAY_INDEX"] = "0";
        return Program(file, line["exec ".Length..].Split(' '), variables);
    }

    /// <summary>Lines of the pages that begin with the program's name; a backslash joins lines.</summary>
    public static IEnumerable<DeployedCommand> OfPage(string file) => File.ReadAllText(Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, file)).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        .Where(line => line.StartsWith("crpbot ", StringComparison.Ordinal))
        .Select(line => Program(file, line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), new() { ["$i"] = "0" }));

    private static DeployedCommand Program(string file, string[] command, Dictionary<string, string> variables)
    {
        if (command[0] != "crpbot")
            throw new InvalidDataException($"{file}: runs {command[0]}");
        return new DeployedCommand(file, [.. command.Skip(1).Select(part => variables.OrderByDescending(variable => variable.Key.Length)
            .Aggregate(part, (text, variable) => text.Replace(variable.Key, variable.Value, StringComparison.Ordinal)))]);
    }

    [GeneratedRegex(@"command: (\[[^\]]*\])")]
    private static partial Regex Command();

    [GeneratedRegex(@"name: LAKE\s+value: (\S+)")]
    private static partial Regex Lake();
}
