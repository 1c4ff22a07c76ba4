using System.Text.Json;

namespace Crpbot.LatencyBench.Figures;

/// <summary>One measured number beside the number to reach.</summary>
/// <param name="Path">What was measured.</param>
/// <param name="Measured">With its unit.</param>
/// <param name="Goal">With its unit; "–" where the design names none.</param>
/// <param name="Reached">Whether the goal is met; null without a goal.</param>
/// <param name="Note">Input, rounds, baseline of the same run.</param>
/// <param name="Run">Machine, day and load of the run that measured it.</param>
internal sealed record Figure(string Path, string Measured, string Goal, bool? Reached, string Note, string Run);

/// <summary>The latest figure of every path; those of one run stand beside one another.</summary>
internal sealed record FigureFile(IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FigureFile Read(string path) => JsonSerializer.Deserialize<FigureFile>(File.ReadAllText(path), Indented)
        ?? throw new InvalidDataException($"{path} holds no figures");

    /// <summary>The same with figures of a new run in the place of those of the same paths; new paths come where the run has them.</summary>
    public FigureFile With(IReadOnlyList<Figure> measured)
    {
        var figures = Figures.ToList();
        int at = figures.Count;
        foreach (Figure figure in measured)
        {
            int known = figures.FindIndex(other => other.Path == figure.Path);
            if (known >= 0)
                figures[known] = figure;
            else
                figures.Insert(known = Math.Min(at, figures.Count), figure);
            at = known + 1;
        }

        return new FigureFile(figures);
    }

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Indented) + "\n");
}
