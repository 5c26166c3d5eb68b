@echo off
rem The one entry on Windows: build.cmd [build^|test^|demo^|bench^|package^|clean] [-Configuration Release^|Debug] [-Fast]
rem Runs build.ps1 in the PowerShell that .config/dotnet-tools.json pins. AMP_BUILD_POWERSHELL names another one, 7.4 or later, to run it in.
setlocal
cd /d "%~dp0"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set MSBUILDDISABLENODEREUSE=1
set "TASK=%~1"
if "%TASK%"=="" set "TASK=build"
where dotnet >nul 2>&1
if errorlevel 1 (
    echo The .NET SDK is missing. Get version 10 from https://dotnet.microsoft.com/download and run this again. 1>&2
    exit /b 1
)
set "CHECK=if ($PSVersionTable.PSVersion -lt [version]'7.4') { exit 1 }"
if not "%AMP_BUILD_POWERSHELL%"=="" (
    "%AMP_BUILD_POWERSHELL%" -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
    if errorlevel 1 (
        echo build.cmd: AMP_BUILD_POWERSHELL is '%AMP_BUILD_POWERSHELL%', which is not PowerShell 7.4 or later. 1>&2
        exit /b 1
    )
    "%AMP_BUILD_POWERSHELL%" -NoProfile -NonInteractive -File build.ps1 -Task %TASK% %2 %3 %4 %5
    exit /b
)
dotnet tool restore >nul 2>&1
dotnet tool run pwsh -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
if not errorlevel 1 (
    dotnet tool run pwsh -NoProfile -NonInteractive -File build.ps1 -Task %TASK% %2 %3 %4 %5
    exit /b
)
pwsh -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
if not errorlevel 1 (
    pwsh -NoProfile -NonInteractive -File build.ps1 -Task %TASK% %2 %3 %4 %5
    exit /b
)
echo build.cmd: PowerShell 7.4 or later is needed, and could not be had. 1>&2
echo The one that .config/dotnet-tools.json pins needs .NET 10; there is this: 1>&2
dotnet --list-runtimes 1>&2
echo Get .NET 10 from https://dotnet.microsoft.com/download, or PowerShell from https://aka.ms/powershell, and run this again. 1>&2
exit /b 1
