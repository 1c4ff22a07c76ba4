using System.Globalization;

namespace Crpbot.Training.Evaluation;

/// <summary>One epoch as the package's card tells it.</summary>
internal sealed record LearningEpoch(int Epoch, double TrainLoss, double ValidationLoss, double ValidationAccuracy)
{
    private const string Header = "| epoch |";

    /// <summary>The epochs of a package, from the table of its card; none for a package without them.</summary>
    /// <exception cref="InvalidDataException">The table has a row that is no epoch.</exception>
    public static LearningEpoch[] Read(string directory)
    {
        string card = Path.Combine(directory, "card.md");
        if (!File.Exists(card))
            return [];
        string[] lines = File.ReadAllLines(card);
        int header = Array.FindIndex(lines, line => line.StartsWith(Header, StringComparison.Ordinal));
        return header < 0 ? [] : [.. lines.Skip(header + 2).TakeWhile(line => line.StartsWith('|')).Select((line, i) => Parse(card, header + 3 + i, line))];
    }

    private static LearningEpoch Parse(string card, int number, string line)
    {
        string[] cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
        bool Number(int cell, out double value) => double.TryParse(cells[cell], NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        return cells.Length >= 4 && int.TryParse(cells[0].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)
            && Number(1, out double train) && Number(2, out double validation) && Number(3, out double accuracy)
            ? new LearningEpoch(epoch, train, validation, accuracy)
            : throw new InvalidDataException($"{card}, line {number}: '{line}' is no epoch with its losses");
    }
}
