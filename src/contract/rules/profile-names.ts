/** The profiles that a rule can choose. */
export const profileNames = ["raspberry-pi", "windows-pe", "u-boot-old", "cisco", "edk2"] as const;

export type ProfileName = (typeof profileNames)[number];
