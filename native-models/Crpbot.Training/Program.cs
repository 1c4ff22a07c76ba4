return Crpbot.Training.Commands.CommandLine.Run(args);
