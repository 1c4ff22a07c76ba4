using Crpbot.Training.Learning;
using Crpbot.Training.SelfChecks;

namespace Crpbot.Training.Tests.Learning;

/// <summary>The planted market of <c>selfcheck</c>, in short.</summary>
internal static class PlantedTable
{
    public static readonly string[] Names = PlantedMarket.Names;

    /// <inheritdoc cref="PlantedMarket.Create"/>
    public static TrainingTable Create(int rowsPerSymbol, double drift = 0.6, int seed = 1) => PlantedMarket.Create(rowsPerSymbol, drift, (ulong)seed);
}
