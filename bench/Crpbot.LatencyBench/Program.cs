using Crpbot.LatencyBench;

// dotnet run -c Release --project bench/Crpbot.LatencyBench -- PROGRAM
switch (args.FirstOrDefault())
{
    case "ring":
        return RingPingPong.Run();
    default:
        Console.Error.WriteLine("usage: Crpbot.LatencyBench ring");
        return 2;
}
