@echo off
rem The one entry on Windows: build.cmd [build^|test^|demo^|bench^|package^|clean] [-Configuration Release^|Debug] [-Fast]
rem Runs a task of build.ps1 in the PowerShell that .config/dotnet-tools.json pins; where that cannot be had, in an installed 'pwsh'.
rem AMP_BUILD_POWERSHELL names another one, 7.4 or later. Nothing is installed outside this folder, but for NuGet's and npm's caches.
setlocal
cd /d "%~dp0"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_GENERATE_ASPNET_CERTIFICATE=false
set MSBUILDDISABLENODEREUSE=1
set "TASK=%~1"
if "%TASK%"=="" set "TASK=build"
for %%T in (build test demo bench package clean) do if /i "%TASK%"=="%%T" goto task
for %%T in (-h --help help) do if /i "%TASK%"=="%%T" goto usage
if "%TASK%"=="-?" goto usage
if "%TASK%"=="/?" goto usage
echo build.cmd: unknown task '%TASK%'; there are build, test, demo, bench, package, clean 1>&2
exit /b 2

:usage
echo Usage: build.cmd [build^|test^|demo^|bench^|package^|clean] [-Configuration Release^|Debug] [-Fast] [-PesterVersion 6.2.0^|5.7.1]
exit /b 0

:task
where dotnet >nul 2>&1
if errorlevel 1 (
    echo build.cmd: the .NET SDK is missing. Get version 10 from https://dotnet.microsoft.com/download and run this again. 1>&2
    exit /b 1
)
set "RUN=-NoProfile -NonInteractive -File build.ps1 -Task %TASK% %2 %3 %4 %5 %6 %7 %8 %9"
set "CHECK=if ($PSVersionTable.PSVersion -lt [version]'7.4') { exit 1 }"
if not "%AMP_BUILD_POWERSHELL%"=="" (
    "%AMP_BUILD_POWERSHELL%" -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
    if errorlevel 1 (
        echo build.cmd: AMP_BUILD_POWERSHELL is "%AMP_BUILD_POWERSHELL%", which is not PowerShell 7.4 or later. 1>&2
        exit /b 1
    )
    "%AMP_BUILD_POWERSHELL%" %RUN%
    exit /b
)
dotnet tool restore >nul 2>&1
dotnet tool run pwsh -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
if not errorlevel 1 (
    dotnet tool run pwsh %RUN%
    exit /b
)
pwsh -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
if not errorlevel 1 (
    pwsh %RUN%
    exit /b
)
echo build.cmd: PowerShell 7.4 or later is required, and was not found. 1>&2
echo The one that .config/dotnet-tools.json pins needs .NET 10; there is this: 1>&2
dotnet --list-runtimes 1>&2
echo Get .NET 10 from https://dotnet.microsoft.com/download, or PowerShell from https://aka.ms/powershell, and run this again. 1>&2
exit /b 1
