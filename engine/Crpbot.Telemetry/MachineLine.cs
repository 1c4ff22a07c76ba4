using System.Globalization;
using System.Runtime.InteropServices;

namespace Crpbot.Telemetry;

/// <summary>The machine in one line. No table of speeds stands without it.</summary>
public static class MachineLine
{
    /// <summary>Processor, cores, memory, system, runtime.</summary>
    public static string Describe()
    {
        double gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Processor()}, {Environment.ProcessorCount} cores, {gigabytes:F0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
    }

    private static string Processor()
    {
        const string Source = "/proc/cpuinfo";
        if (File.Exists(Source))
        {
            foreach (string line in File.ReadLines(Source))
            {
                if (line.StartsWith("model name", StringComparison.Ordinal))
                    return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }

        return RuntimeInformation.ProcessArchitecture.ToString();
    }
}
