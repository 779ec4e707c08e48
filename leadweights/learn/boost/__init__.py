"""Small trees learnt jointly with the weights: their splits by boosting, their values by one fit."""
