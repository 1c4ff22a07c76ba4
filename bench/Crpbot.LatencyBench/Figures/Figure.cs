using System.Text.Json;

namespace Crpbot.LatencyBench.Figures;

/// <summary>One measured number beside the number to reach.</summary>
/// <param name="Path">What was measured.</param>
/// <param name="Measured">With its unit.</param>
/// <param name="Goal">With its unit; "–" where the design names none.</param>
/// <param name="Reached">Whether the goal is met; null without a goal.</param>
/// <param name="Note">Input, rounds, baseline of the same run.</param>
internal sealed record Figure(string Path, string Measured, string Goal, bool? Reached, string Note);

/// <summary>One run of all programs on one machine.</summary>
internal sealed record FigureFile(string Machine, string Date, string Load, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FigureFile Read(string path) => JsonSerializer.Deserialize<FigureFile>(File.ReadAllText(path), Indented)
        ?? throw new InvalidDataException($"{path} holds no figures");

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Indented) + "\n");
}
